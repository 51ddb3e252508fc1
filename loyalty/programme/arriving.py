"""Orders that bring points for the first time, many in a few statements.

They end as if each had been settled on its own (settling.py), which is what those are left to about which anything else
has to be asked: an order that has earned before or was imported, a card that was merged, an account that owes points.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from crm.models import Order
from loyalty.models import EarningRule, Entry, TierPeriod
from loyalty.points.days import local_day
from loyalty.points.earning_many import Coming, earn_many, lock
from loyalty.programme.birthday import is_near
from loyalty.programme.earning import Facts
from loyalty.programme.settling import dates_of, settle, worth
from shop.asking import ask

_HOLD = """
SELECT id, merged_into_id IS NULL AND erased_at IS NULL FROM crm_customer
 WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE
"""


class Rules:
    """All that were published, read once for many orders."""

    def __init__(self) -> None:
        found = EarningRule.objects.published().order_by("-since", "-pk")
        self.newest_first: list[EarningRule] = list(found.prefetch_related("categories", "tiers"))

    def at(self, moment: datetime) -> EarningRule | None:
        return next((rule for rule in self.newest_first if rule.since and rule.since <= moment), None)


@transaction.atomic
def settle_all(orders: Iterable[int]) -> None:
    """In the order of the customers, so that two batches never wait for each other. Without a rule nothing is due."""
    rules = Rules()
    if rules.newest_first:
        found = Order.objects.filter(pk__in=list(orders)).select_related("customer").order_by("customer_id", "pk")
        for turn in _in_turns(one for one in found if rules.at(one.placed_at)):
            for order in _settle_first(turn, rules):
                settle(order)


def _in_turns(orders: Iterable[Order]) -> Iterable[list[Order]]:
    """First the first order of everybody, then the second of those who have one: a customer once in each."""
    turns: dict[int, list[Order]] = {}
    seen: Counter[int] = Counter()
    for order in orders:
        seen[order.customer_id] += 1
        turns.setdefault(seen[order.customer_id], []).append(order)
    return turns.values()


def _settle_first(orders: Sequence[Order], rules: Rules) -> list[Order]:
    """Returns those that must be settled one by one."""
    at = timezone.now()
    stay = _held({order.customer_id for order in orders})
    plain = _read_anew(_first_of_their_own(orders, stay))
    coming = _worked_out(list(plain.values()), rules)
    accounts = lock([order.customer_id for order in orders], at, earning=[one.customer for one in coming])
    owing = {customer for customer, account in accounts.items() if account.debt}
    earn_many([one for one in coming if one.customer not in owing], at)
    return [order for order in orders if order.pk not in plain or order.customer_id in owing]


def _held(customers: Iterable[int]) -> set[int]:
    """Whoever merges or erases them waits until the transaction ends. Before orders and accounts, as everywhere."""
    return {pk for pk, stays in ask(_HOLD, [sorted(customers)]) if stays}


def _first_of_their_own(orders: Sequence[Order], stay: set[int]) -> list[Order]:
    own = [one for one in orders if one.customer_id in stay and one.brought_by is None]
    booked = set(Entry.objects.filter(order__in=own).values_list("order_id", flat=True))
    return [one for one in own if one.pk not in booked]


def _read_anew(orders: Sequence[Order]) -> dict[int, Any]:
    """As they are under the lock, with what is asked about each. Not those that another card has got meanwhile."""
    others = Order.objects.filter(customer=OuterRef("customer_id")).exclude(pk=OuterRef("pk"))
    bought = others.filter(net__gt=0, placed_at__lte=OuterRef("placed_at"))
    told = Entry.objects.filter(order__customer=OuterRef("customer_id"), snapshot__facts__first_order=True)
    whose = {order.pk: order.customer_id for order in orders}
    rows = Order.objects.filter(pk__in=whose).order_by("customer_id", "pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    asked = rows.annotate(bought_before=Exists(bought), had_a_first=Exists(told.exclude(order=OuterRef("pk"))))
    found = asked.select_related("customer").prefetch_related("lines", "sold_lines")
    return {order.pk: order for order in found if order.customer_id == whose[order.pk]}


def _worked_out(plain: Sequence[Any], rules: Rules) -> list[Coming]:
    tiers = _periods({order.customer_id for order in plain})
    found = (_coming(order, rules, tiers.get(order.customer_id, [])) for order in plain)
    return [one for one in found if one]


def _periods(customers: Iterable[int]) -> dict[int, list[TierPeriod]]:
    """The newest first, as settling.tier_on looks at them."""
    found: dict[int, list[TierPeriod]] = {}
    for period in TierPeriod.objects.filter(customer__in=customers).order_by("-began_on", "-pk"):
        found.setdefault(period.customer_id, []).append(period)
    return found


def _coming(order: Any, rules: Rules, periods: Sequence[TierPeriod]) -> Coming | None:
    rule = rules.at(order.placed_at)
    due = worth(order, rule, facts=_facts(order, rule, periods)) if rule else None
    if rule is None or due is None or not due.points:
        return None
    return Coming(
        customer=order.customer_id,
        order=order.pk,
        points=due.points,
        key=f"order:{order.pk}:0",
        snapshot=due.snapshot,
        **dates_of(order, rule),
    )


def _facts(order: Any, rule: EarningRule, periods: Sequence[TierPeriod]) -> Facts:
    day = local_day(order.placed_at)
    period = next((one for one in periods if one.began_on <= day), None)
    over = period is None or (period.ended_on is not None and period.ended_on < day)
    return Facts(
        tier=None if over or period is None else period.tier_id,
        first_order=not order.bought_before and not order.had_a_first,
        birthday=is_near(order.customer.birthday, day, rule.birthday_days),
    )
