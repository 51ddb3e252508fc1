"""What an owner decides about paying with points."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from loyalty.points.returning import Policy
from shop.preferences import Preference


def policies() -> list[tuple[str, str]]:
    return [
        (Policy.DEBT, str(_("They are owed: the next points pay them"))),
        (Policy.LOTS, str(_("They are taken from other points; the rest is owed"))),
        (Policy.WRITE_OFF, str(_("The shop bears it"))),
        (Policy.REFUND, str(_("Less money is given back"))),
    ]


PREFERENCES = [
    Preference(
        "till.point_value",
        "till",
        _("What a point pays"),
        "money",
        Decimal("0.01"),
        help=_("What was put aside already keeps the value it had. 0: nobody pays with points."),
        minimum=Decimal(0),
        maximum=Decimal(1_000_000),
    ),
    Preference(
        "till.fewest_points",
        "till",
        _("Fewest points to pay with"),
        "integer",
        1,
        minimum=1,
        maximum=1_000_000,
    ),
    Preference(
        "till.spent_meanwhile",
        "till",
        _("When goods come back whose points were spent meanwhile"),
        "choice",
        str(Policy.DEBT),
        choices=policies,
    ),
]
