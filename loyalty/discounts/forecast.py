"""What giving a discount to many would cost and could show, from what these customers bought before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from crm.models import Customer
from loyalty.discounts import limits, many
from loyalty.discounts.candidates import WHY, WHY_MORE
from loyalty.discounts.counting import Counted, count
from loyalty.discounts.helped import WINDOWS, smallest_seen
from loyalty.discounts.limits import Over
from loyalty.discounts.rounding import quantised
from loyalty.discounts.worth import Usual, most
from loyalty.models import Budget
from shop.currency import currency_in_force
from shop.formats import number
from shop.intervals import Interval, share

_BOUGHT = """
    SELECT w.days, count(*) FILTER (WHERE bought.orders > 0), coalesce(sum(bought.orders), 0)
      FROM unnest(%(ids)s::bigint[]) AS wanted (id)
     CROSS JOIN unnest(%(windows)s::int[]) AS w (days)
     CROSS JOIN LATERAL (
           SELECT count(*) AS orders FROM crm_order AS o
            WHERE o.customer_id = wanted.id AND o.cancelled_at IS NULL AND o.paid_at IS NOT NULL
              AND o.placed_at >= %(now)s - make_interval(days => w.days)) AS bought
     GROUP BY 1
"""


@dataclass(frozen=True)
class LeftOut:
    why: str
    n: int

    @property
    def sentence(self) -> str:
        return WHY[self.why](self.n) % {"n": number(self.n)}

    @property
    def more(self) -> Any:
        return WHY_MORE[self.why]


@dataclass(frozen=True)
class Detectable:
    """Of so many days: how many of them usually buy, and the smallest difference that would be seen."""

    days: int
    usual: Interval
    difference: float | None

    @property
    def difference_in_points(self) -> str:
        return number(100 * (self.difference or 0), 1)


@dataclass(frozen=True)
class Forecast:
    picked: int
    left_out: list[LeftOut]
    held_back: int
    given: int
    worth: Decimal
    at_most: Decimal | None
    expected: Decimal
    expected_low: Decimal
    expected_high: Decimal
    uses: int
    sampled: int
    budget: Budget | None
    over: list[Over]
    percent: int
    detectable: list[Detectable]

    @property
    def too_few_to_draw(self) -> bool:
        return self.given + self.held_back < many.DRAW_FROM

    @property
    def drawn_before(self) -> bool:
        """Some were to be held back, but these have had their lots."""
        return bool(self.percent) and not self.held_back and not self.too_few_to_draw

    @property
    def more_than_budget(self) -> bool:
        return self.budget is not None and self.expected >= self.budget.left


def forecast(
    version: Any,
    customers: QuerySet[Customer],
    *,
    by: Any,
    percent: int,
    uses: int | None,
    expires_at: datetime | None,
    complainers_too: bool = False,
) -> Forecast:
    worth = Usual.now().worth(version)
    limit = limits.of_each(by, worth)
    counted = count(customers, version.discount_id, worth=worth, limit=limit, complainers_too=complainers_too)
    held_back = _held_back(counted, percent)
    given = counted.fit - held_back
    habit = _Habit.of(counted.sample, _lasts(expires_at), uses)
    at_most = _at_most(most(version), given, uses, version.discount.budget)
    expected, low, high = (_cost(worth, habit.uses_of(given, share), at_most) for share in habit.shares)
    return Forecast(
        picked=counted.picked,
        left_out=[LeftOut(why, n) for why, n in counted.left_out.items()],
        held_back=held_back,
        given=given,
        worth=worth,
        at_most=at_most,
        expected=expected,
        expected_low=low,
        expected_high=high,
        uses=_uses(habit.uses_of(given, habit.shares[0]), worth, at_most),
        sampled=habit.sampled,
        budget=version.discount.budget,
        over=limits.passed(by, version, worth, wanted=given),
        percent=percent,
        detectable=[_detectable(days, habit, given, held_back) for days in WINDOWS if habit.sampled],
    )


def _held_back(counted: Counted, percent: int) -> int:
    return round(counted.new * percent / 100) if counted.new >= many.DRAW_FROM else 0


@dataclass(frozen=True)
class _Habit:
    """What a sample of them bought within windows of days; `often`: how often a buyer would use it while it lasts."""

    sampled: int
    bought: dict[int, tuple[int, int]]
    buyers: int
    often: float

    @classmethod
    def of(cls, sample: Sequence[int], lasts: int, uses: int | None) -> "_Habit":
        bought = _bought(sample, sorted({*WINDOWS, lasts}))
        buyers, orders = bought.get(lasts, (0, 0))
        used = min(orders, buyers * (uses or orders or 1))
        return cls(len(sample), bought, buyers, used / buyers if buyers else 1)

    @property
    def shares(self) -> tuple[float, float, float]:
        """Of those who would use it: as in the sample, and between which borders that may lie."""
        chance = share(self.buyers, self.sampled)
        return self.buyers / max(self.sampled, 1), chance.low, chance.high

    def uses_of(self, given: int, share: float) -> float:
        return given * self.often * share


def _detectable(days: int, habit: _Habit, given: int, held_back: int) -> Detectable:
    buyers = habit.bought[days][0]
    return Detectable(days, share(buyers, habit.sampled), _seen(given, held_back, buyers, habit.sampled))


def _cost(worth: Decimal, uses: float, at_most: Decimal | None) -> Decimal:
    cost = quantised(worth * Decimal(uses), currency_in_force())
    return cost if at_most is None else min(cost, at_most)


def _uses(wanted: float, worth: Decimal, at_most: Decimal | None) -> int:
    """What nobody pays for any more nobody uses."""
    paid_for = float(at_most / worth) if at_most is not None and worth else wanted
    return round(min(wanted, paid_for))


def _lasts(expires_at: datetime | None) -> int:
    """Days that it can be used; without an end a quarter is looked at."""
    return min(max((expires_at - timezone.now()).days, 1), 365) if expires_at else WINDOWS[-1]


def _at_most(one: Decimal | None, given: int, uses: int | None, budget: Budget | None) -> Decimal | None:
    ends = [budget.left] if budget else []
    if one is not None and uses is not None:
        ends.append(one * given * uses)
    return min(ends, default=None)


def _bought(ids: Sequence[int], windows: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Days -> (how many bought, how often) within the last so many days."""
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, {"ids": list(ids), "windows": list(windows), "now": timezone.now()})
        return {days: (buyers, int(orders)) for days, buyers, orders in cursor.fetchall()}


def _seen(given: int, held_back: int, buyers: int, sampled: int) -> float | None:
    return smallest_seen(given, held_back, buyers / sampled)
