"""On the card: cards that went into it and can still be taken out, and cards that may be the same person."""

from typing import Any

from django.db.models import Q

from crm.models import Customer, Duplicate, Merge
from crm.panels import Panel
from shop.access import StaffRequest
from shop.at_once import once
from shop.prepared import NOW, prepared

SHOWN = 3


def duplicates_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    """Only for those who may merge, and only when there is something to say."""
    if not request.user.may("customers.merge"):
        return None
    context: dict[str, Any] = {"merges": merges_of(customer), "alike": may_be(customer)}
    return Panel("crm/duplicates/_panel.html", context, order=90) if any(context.values()) else None


@once
@prepared
def merges_of(customer: Any) -> Any:
    merges = Merge.objects.can_be_undone(NOW).filter(stays=customer)
    return merges.select_related("goes").order_by("-at")[:SHOWN]


@once
@prepared
def pairs_of(customer: Any) -> Any:
    pairs = Duplicate.objects.open().filter(Q(first=customer) | Q(second=customer))
    return pairs.select_related("first", "second").order_by("-strength", "-pk")[:SHOWN]


def may_be(customer: Customer) -> list[tuple[Customer, Duplicate]]:
    """Who may be the same person, the likeliest first."""
    return [(pair.second if pair.first_id == customer.pk else pair.first, pair) for pair in pairs_of(customer)]
