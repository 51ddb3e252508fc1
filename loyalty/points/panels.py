"""What points show on the card and on Today (config/panels.py lists these)."""

from typing import Any

from crm.models import Customer
from crm.panels import Panel
from loyalty.models import Adjustment
from loyalty.points.balance import Asked, Balance
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import NOW, prepared

SHOWN = 6


@once
def asked_of(customer: Customer) -> Asked | None:
    """The card joins the account."""
    account = getattr(customer, "account", None)
    return Asked.about(account) if account else None


@once
def balance_of(customer: Customer) -> Balance:
    return Balance.of(getattr(customer, "account", None), asked=asked_of(customer))


def points_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    """Also of who has none: the way to give some is here."""
    if not request.user.may("customers.view"):
        return None
    context = {
        "balance": balance_of(customer),
        "may_adjust": request.user.may("points.adjust"),
    }
    return Panel("loyalty/points/_panel.html", context, order=22)


@once
def adjustments_of(request: StaffRequest) -> Any:
    return _asked_by_others(request.user)


@prepared
def _asked_by_others(user: Any) -> Any:
    waiting = Adjustment.objects.waiting(NOW).exclude(asked_by=user)
    return waiting.select_related("account__customer", "asked_by").order_by("asked_at")[: SHOWN * 2]


def adjustments_today(request: StaffRequest) -> Panel | None:
    """What waits for this person's decision."""
    if not request.user.may("points.adjust"):
        return None
    mine = [row for row in adjustments_of(request) if row.within_limit_of(request.user)]
    return Panel("loyalty/points/_today.html", {"rows": mine[:SHOWN]}, zone="side", order=35) if mine else None
