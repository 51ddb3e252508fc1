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
]
