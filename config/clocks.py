"""What is kept for how long: the dotted names of the clocks, in the order of the page (crm/privacy/clocks.py)."""

CLOCKS = [
    "crm.privacy.kept.CUSTOMERS",
    "crm.privacy.kept.MAILS",
    "feedback.keeping.COMMENTS",
    "crm.privacy.kept.ACCESS_LOG",
    "crm.privacy.kept.AUDIT",
    "crm.privacy.kept.WEBHOOKS",
    "crm.privacy.kept.IMPORTS",
    "crm.privacy.kept.KEPT_MAILS",
    "crm.privacy.kept.ANSWERS",
]
