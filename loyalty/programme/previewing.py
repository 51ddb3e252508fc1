"""What a rule or tiers would do to three real customers: a large one, a middling one, a small one."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crm.models import Customer, Order
from loyalty.models import TierScheme
from loyalty.programme import comparing, counting, windows
from loyalty.programme.earning import Terms

LOOKED_AT = 2000  # of the newest orders
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Seen:
    """One customer and their newest order, under what is in force and under the draft."""

    customer: Customer
    orders: int
    before: int
    after: int
    last: Order
    last_before: int
    last_after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Stands:
    customer: Customer
    counted: Decimal
    before: str
    after: str


def three() -> dict[int, Order]:
    """(customer -> their newest order) of a large, a middling and a small buyer among the newest orders."""
    spent: dict[int, Decimal] = defaultdict(Decimal)
    newest: dict[int, Order] = {}
    found = Order.objects.filter(net__gt=0, customer__merged_into=None, customer__erased_at=None)
    for order in found.order_by("-pk")[:LOOKED_AT]:
        spent[order.customer_id] += order.net
        kept = newest.get(order.customer_id)
        if kept is None or kept.placed_at < order.placed_at:
            newest[order.customer_id] = order
    ranked = sorted(spent, key=lambda pk: (spent[pk], pk))
    chosen = dict.fromkeys(ranked[at] for at in (-1, len(ranked) // 2, len(ranked) // 10)) if ranked else {}
    return {pk: newest[pk] for pk in chosen}


def of_rule(old: Terms | None, new: Terms) -> list[Seen]:
    newest = three()
    now = timezone.now()
    span = (now - YEAR, now)
    people = Customer.objects.in_bulk(list(newest))
    years = {row.customer: row for row in comparing.by_customer(list(newest), old, new, *span)}
    orders = comparing.by_order(list(newest), old, new, *span)
    return [
        Seen(people[pk], years[pk].orders, years[pk].before, years[pk].after, order, *orders[order.pk])
        for pk, order in newest.items()
        if pk in years and order.pk in orders
    ]


def of_scheme(old: TierScheme | None, metric: str, window: str, steps: list[tuple[str, Decimal, str]]) -> list[Stands]:
    ids = list(three())
    people, day = Customer.objects.in_bulk(ids), timezone.localdate()
    joined = counting.joined(ids)
    counted = counting.counted(metric, {pk: windows.around(window, day, joined[pk]) for pk in ids})
    before = named_of(old, ids, day) if old else dict.fromkeys(ids, "")
    after = {pk: highest([(at, name) for name, at, _text in steps], counted[pk]) for pk in ids}
    return [Stands(people[pk], counted[pk], before[pk], after[pk]) for pk in ids]


def named_of(scheme: TierScheme, ids: list[int], day: Any) -> dict[int, str]:
    """The tier that each would have by what counts today."""
    joined = counting.joined(ids)
    counted = counting.counted(scheme.metric, {pk: windows.around(scheme.window, day, joined[pk]) for pk in ids})
    steps = [(step.threshold, str(step.tier)) for step in scheme.steps.select_related("tier")]
    return {pk: highest(steps, counted[pk]) for pk in ids}


def highest(steps: list[tuple[Decimal, str]], counted: Decimal) -> str:
    reached = [step for step in steps if step[0] <= counted]
    return max(reached)[1] if reached else ""
