"""How many points each role may give or take alone."""

from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference

PREFERENCES = [
    Preference(
        "points.limit_support",
        "points",
        _("Support may give or take so many points at once"),
        "integer",
        500,
        help=_("More waits for the approval of somebody else."),
        minimum=0,
        maximum=1_000_000,
    ),
    Preference(
        "points.limit_manager",
        "points",
        _("A retention manager may give or take so many"),
        "integer",
        5_000,
        minimum=0,
        maximum=10_000_000,
    ),
    Preference(
        "points.tell_tier",
        "points",
        _("Write to customers when they reach a tier"),
        "yes_no",
        True,
        help=_("Only to those who want to hear of their points."),
    ),
    Preference(
        "points.remind_days",
        "points",
        _("Remind customers so many days before points end"),
        "integer",
        30,
        help=_("At most once in that time. 0: never."),
        minimum=0,
        maximum=90,
    ),
]
