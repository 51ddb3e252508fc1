"""What of an order counts as revenue: all that was paid, or that without tax and shipping. The shop chooses.

Whatever adds orders up asks here. One order shown by itself shows what was paid for it.
"""

from django.utils.translation import gettext_lazy as _

from shop.models import Setting
from shop.preferences import Preference

WITH_TAX_AND_SHIPPING = "orders.tax_and_shipping"

PREFERENCES = [
    Preference(
        WITH_TAX_AND_SHIPPING,
        "analytics",
        _("Tax and shipping count as revenue"),
        "yes_no",
        True,
        help=_("Otherwise an order counts for its goods alone, and a refund takes its share of them."),
    ),
]


def counts_all() -> bool:
    return bool(Setting.get(WITH_TAX_AND_SHIPPING))


def column(everything: bool | None = None) -> str:
    """The column of Order to add up. `everything`: as of a choice that was stored; else as it is now."""
    return "net" if (counts_all() if everything is None else everything) else "net_goods"
