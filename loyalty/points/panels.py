"""What points show on the card and on Today (config/panels.py lists these)."""

from django.http import HttpRequest

from crm.models import Customer
from crm.panels import Panel
from loyalty.models import Adjustment
from loyalty.points.balance import Balance

SHOWN = 6


def points_panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """Also of who has none: the way to give some is here."""
    if not request.user.may("customers.view"):  # type: ignore[union-attr]
        return None
    context = {
        "balance": Balance.of(getattr(customer, "account", None)),  # the card joins it
        "may_adjust": request.user.may("points.adjust"),  # type: ignore[union-attr]
    }
    return Panel("loyalty/points/_panel.html", context, order=22)


def adjustments_today(request: HttpRequest) -> Panel | None:
    """What waits for this person's decision."""
    if not request.user.may("points.adjust"):  # type: ignore[union-attr]
        return None
    waiting = Adjustment.objects.waiting().exclude(asked_by=request.user)  # type: ignore[misc]
    rows = list(waiting.select_related("account__customer", "asked_by").order_by("asked_at")[: SHOWN * 2])
    mine = [row for row in rows if row.within_limit_of(request.user)]
    return Panel("loyalty/points/_today.html", {"rows": mine[:SHOWN]}, zone="side", order=35) if mine else None
