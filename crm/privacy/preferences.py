"""How long personal data is kept."""

from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference

PREFERENCES = [
    Preference(
        "privacy.years",
        "privacy",
        _("Years without activity after which a card is proposed for erasure"),
        "integer",
        0,
        help=_("0: never. Nothing is erased by itself: somebody looks at the list and confirms."),
        minimum=0,
        maximum=30,
    ),
    Preference(
        "privacy.comments_days",
        "privacy",
        _("Days for which texts of answers to surveys are kept"),
        "integer",
        0,
        help=_("0: for ever. Scores and choices stay."),
        minimum=0,
        maximum=3650,
    ),
    Preference(
        "privacy.access_log_days",
        "privacy",
        _("Days for which it is kept who opened which card"),
        "integer",
        365,
        help=_("0: for ever."),
        minimum=0,
        maximum=3650,
    ),
    Preference(
        "privacy.audit_days",
        "privacy",
        _("Days for which sign-ins and changes of staff, keys and settings are kept"),
        "integer",
        1095,
        help=_("0: for ever. What was done to customers stays with their cards."),
        minimum=0,
        maximum=3650,
    ),
    Preference(
        "privacy.copies_hours",
        "privacy",
        _("Hours for which copies beside the cards are kept"),
        "integer",
        48,
        help=_("Files of imports and their rows, what was sent to webhooks, mails that stayed on this machine."),
        minimum=2,
        maximum=48,
    ),
]
