"""What discounts show on the card, on Today and in the navigation (config/panels.py lists these)."""

from typing import Any

from django.db.models import Count
from django.utils import timezone

from crm.models import Customer
from crm.panels import Panel
from loyalty.discounts import wording
from loyalty.models import Assignment, Grant
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import NOW, prepared

SHOWN = 6
NEWEST = 40


@once
def count_of(user: Any) -> Any:
    return _waiting_for(user) if user.may("discounts.approve") else None


@prepared
def _waiting_for(user: Any) -> Any:
    return Assignment.objects.waiting(NOW).exclude(asked_by=user).order_by().values("state").annotate(n=Count("pk"))


def waiting_count(user: Any) -> tuple[int, bool]:
    """For the navigation: how many wait for this person's decision."""
    return sum(row["n"] for row in count_of(user) or ()), False


@once
@prepared
def grants_of(customer: Any) -> Any:
    grants = Grant.objects.filter(customer=customer, withdrawn_at=None).with_held()
    return grants.select_related("discount", "version").order_by("-pk")[:NEWEST]


@once
def assignments_of(request: StaffRequest) -> Any:
    return _to_decide(request.user)


@prepared
def _to_decide(user: Any) -> Any:
    waiting = Assignment.objects.waiting(NOW).exclude(asked_by=user)
    return waiting.select_related("version__discount", "customer", "asked_by").order_by("lapses_at", "pk")[:SHOWN]


def assignments_today(request: StaffRequest) -> Panel | None:
    """What waits for this person's decision, what lapses first on top."""
    if not request.user.may("discounts.approve"):
        return None
    rows = [(one, wording.gives(one.version)) for one in assignments_of(request)]
    return Panel("loyalty/discounts/_today.html", {"rows": rows}, zone="side", order=36) if rows else None


def discounts_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    """What they can use now or soon, in plain words. Staff also see what waits for approval or lies at the till."""
    if not request.user.may("customers.view"):
        return None
    rows = [grant for grant in grants_of(customer) if _is_of_use(grant)][:SHOWN]
    context = {
        "rows": [
            (grant, wording.gives(grant.version), list(wording.conditions(grant.version)), *wording.state(grant))
            for grant in rows
        ],
        "may_give": request.user.may("discounts.assign"),
    }
    return Panel("loyalty/discounts/_panel.html", context, order=29)


def _is_of_use(grant: Grant) -> bool:
    over = grant.expires_at is not None and grant.expires_at <= timezone.now()
    return not over and (grant.uses_left != 0 or bool(grant.held))
