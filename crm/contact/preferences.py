"""What an owner may decide about writing to customers."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference

HOUR: dict[str, Any] = {"minimum": 0, "maximum": 23}
DAYS: dict[str, Any] = {"minimum": 0, "maximum": 365}
MOST: dict[str, Any] = {"minimum": 1, "maximum": 100}

PREFERENCES = [
    Preference(
        "contact.feedback_by_default",
        "contact",
        _("Ask customers who have ordered for their opinion, unless they said no"),
        "yes_no",
        True,
        help=_("Otherwise only those who said yes."),
    ),
    Preference(
        "contact.points_by_default",
        "contact",
        _("Write to customers who have ordered about their points, unless they said no"),
        "yes_no",
        True,
        help=_("Otherwise only those who said yes."),
    ),
    Preference(
        "contact.survey_days",
        "contact",
        _("Days between two surveys to one customer"),
        "integer",
        30,
        help=_("0: no such limit."),
        **DAYS,
    ),
    Preference(
        "contact.marketing_days",
        "contact",
        _("Days between two mails with offers, points or birthday wishes"),
        "integer",
        7,
        help=_("0: no such limit."),
        **DAYS,
    ),
    Preference(
        "contact.marketing_most",
        "contact",
        _("At most so many of those mails in 30 days"),
        "integer",
        4,
        **MOST,
    ),
    Preference(
        "contact.all_most",
        "contact",
        _("At most so many mails of all kinds in 30 days"),
        "integer",
        5,
        help=_("What belongs to an order or a complaint is service mail: it always goes and is not counted."),
        **MOST,
    ),
    Preference(
        "contact.quiet_from",
        "contact",
        _("Quiet hours begin at"),
        "integer",
        20,
        help=_("On the clock of the customer, or of the shop when theirs is not known."),
        **HOUR,
    ),
    Preference(
        "contact.quiet_until",
        "contact",
        _("Quiet hours end at"),
        "integer",
        9,
        help=_("The same hour as the beginning: there are none."),
        **HOUR,
    ),
]
