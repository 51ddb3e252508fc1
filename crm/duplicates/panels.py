"""On the card: cards that went into it and can still be taken out, and cards that may be the same person."""

from typing import Any

from crm.models import Customer, Duplicate, Merge
from crm.panels import Panel
from shop.access import StaffRequest
from shop.at_once import once

SHOWN = 3


def duplicates_panel(request: StaffRequest, customer: Customer) -> Panel | None:
    """Only for those who may merge, and only when there is something to say."""
    if not request.user.may("customers.merge"):
        return None
    context: dict[str, Any] = {"merges": merges_of(customer), "alike": may_be(customer)}
    return Panel("crm/duplicates/_panel.html", context, order=90) if any(context.values()) else None


@once
def merges_of(customer: Customer) -> Any:
    merges = Merge.objects.can_be_undone().filter(stays=customer)
    return merges.select_related("goes").order_by("-at")[:SHOWN]


@once
def pairs_of(customer: Customer) -> Any:
    pairs = Duplicate.objects.open().of(customer.pk).select_related("first", "second")
    return pairs.order_by("-strength", "-pk")[:SHOWN]


def may_be(customer: Customer) -> list[tuple[Customer, Duplicate]]:
    """Who may be the same person, the likeliest first."""
    return [(pair.second if pair.first_id == customer.pk else pair.first, pair) for pair in pairs_of(customer)]
