"""What privacy shows on Today and on the card (config/panels.py names these)."""

from typing import Any

from crm.models import Customer, PrivacyRequest
from crm.panels import Panel
from crm.privacy import clock
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import prepared

SHOWN = 6


@once
def waiting_of(request: StaffRequest) -> Any:
    return _waiting(request.user)


@prepared
def _waiting(_shop: Any) -> Any:
    return PrivacyRequest.objects.open().select_related("customer").order_by("due_on", "pk")[:SHOWN]


@once
def old_of(request: StaffRequest) -> Any:
    return clock.proposed().order_by().values_list("pk")[:1]


def asked_today(request: StaffRequest) -> Panel | None:
    """Open requests of customers, the most pressing first, and whether old cards wait."""
    if not request.user.may("customers.erase"):
        return None
    waiting, old = list(waiting_of(request)), bool(old_of(request))
    if not waiting and not old:
        return None
    return Panel("crm/privacy/_today.html", {"requests": waiting, "old": old}, zone="main", order=15)


def objects(request: StaffRequest, customer: Customer) -> Panel | None:
    """Beside the name: this person is not scored."""
    context: dict[str, Any] = {"since": customer.unprofiled_since}
    return Panel("crm/privacy/_badge.html", context, zone="badge", order=9) if customer.unprofiled_since else None
