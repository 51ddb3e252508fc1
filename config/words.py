"""What codes mean: how the copy of one's data and the audit say what is kept as a code.

Either "room.Model.field", of a field without choices, or "noun.key", of the data of events of that noun
-> dotted name of choices, of {code: words} or of function(code). A test finds a code without words.
"""

_PURPOSES = "crm.models.Consent.Purpose"

WORDS: dict[str, str] = {
    "crm.ContactSlot.purpose": _PURPOSES,
    "crm.Given.what": "crm.privacy.events_in_words.GIVEN",
    "crm.Message.language": "crm.privacy.values.language",
    "crm.Message.purpose": _PURPOSES,
    "loyalty.Entry.reason": "loyalty.points.wording.REASONS",
    "invitation.channel": "feedback.models.invitation.Channel",
    "invitation.kind": "feedback.surveys.kinds.Kind",
    "response.kind": "feedback.surveys.kinds.Kind",
    "address.channel": "crm.models.consent.CHANNELS",
    "address.reason": "crm.models.Suppression.Reason",
    "complaint.deadline": "crm.privacy.events_in_words.DEADLINES",
    "complaint.kind": "crm.models.Complaint.Kind",
    "complaint.severity": "crm.models.Complaint.Severity",
    "consent.channel": "crm.models.consent.CHANNELS",
    "consent.method": "crm.models.Consent.Method",
    "consent.purposes": _PURPOSES,
    "consent.state": "crm.models.Consent.State",
    "customers.columns": "crm.audit.exported.column",
    "customers.filter": "crm.audit.exported.filters",
    "customer.format": "crm.privacy.events_in_words.FORMATS",
    "customer.source": "crm.privacy.events_in_words.SOURCES",
    "customer.what": "crm.models.PrivacyRequest.Kind",
    "customer.why": "crm.models.Erasure.Why",
    "message.purpose": _PURPOSES,
    "message.why": "crm.mail.reasons.in_words",
    "note.kind": "crm.models.Note.Kind",
    "points.reason": "loyalty.points.wording.REASONS",
    "referral.why": "loyalty.models.Referral.Why",
    "risk.state": "analytics.models.scores.State",
    "risk.reason": "analytics.models.Flag.Dismissal",
    "risk.why": "analytics.models.Flag.Why",
    "tier.what": "loyalty.models.TierPeriod.Why",
    "brand.what": "feedback.surveys.wording.LOOKS",
    "field.kind": "crm.models.CustomField.Kind",
    "goal.metric": "analytics.metrics.table.labelled",
    "import.kind": "crm.imports.kinds.labelled",
    "mail_text.template": "crm.mail.kinds.labelled",
    "message.template": "crm.mail.kinds.labelled",
    "programme.what": "loyalty.programme.wording.PARTS",
    "survey.what": "feedback.surveys.wording.STEPS",
    "webhook.what": "crm.webhooks.words.STEPS",
}
