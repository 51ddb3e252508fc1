"""The shop month by month: who stayed, left, came and came back, what was sold, and how cohorts went on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from analytics import movement, triangle
from analytics.definition import Definition
from analytics.learning import known_before
from analytics.local_days import MICROSECONDS, POSTGRES_EPOCH, local_days, month_end, month_numbers, month_start
from analytics.models import CohortCell, Generation, PeriodFigure
from analytics.movement import Movement
from analytics.purchases import Purchases
from analytics.scoring import FAR
from analytics.summary import Customers
from shop.intervals import Interval, ratio

Ints = NDArray[np.int64]
BLOCK = 20_000  # customers
Mode = PeriodFigure.Mode

HORIZONS = (30, 60, 90, 180, 365)

_RETURNED = """
    SELECT refund.at, ordered.placed_at, refund.amount * {share}
      FROM crm_refund AS refund
      JOIN crm_customer AS customer ON customer.id = refund.customer_id
      LEFT JOIN crm_order AS ordered ON ordered.id = refund.order_id
     WHERE customer.left_out_at IS NULL AND customer.merged_into_id IS NULL
       AND (ordered.id IS NULL OR (ordered.cancelled_at IS NULL AND ordered.paid_at IS NOT NULL))
"""
# Of what was refunded of an order, the share that had counted; a refund without an order counts whole.
_ALL = "1"
_GOODS = "coalesce(greatest(ordered.total - ordered.tax - ordered.shipping, 0) / nullif(ordered.total, 0), 1)"


@dataclass(frozen=True)
class Months:
    """Months 0 … n-1 of the shop's history until the day before `as_of`; low: number of the first."""

    low: int
    ends: Ints
    as_of: int

    @classmethod
    def of(cls, day: Ints, as_of: int) -> "Months":
        """day: those before `as_of` on which something was bought."""
        if not day.size:
            return cls(0, np.zeros(0, dtype=np.int64), as_of)
        low, high = (int(number) for number in month_numbers(np.array([day.min(), as_of - 1])))
        ends = [min(month_end(number).toordinal(), as_of - 1) for number in range(low, high + 1)]
        return cls(low, np.array(ends, dtype=np.int64), as_of)

    def __len__(self) -> int:
        return self.ends.size

    def complete(self, i: int) -> bool:
        return month_end(self.low + i).toordinal() < self.as_of

    @property
    def last_complete(self) -> int:
        """Number of the last month that is over."""
        return self.low + len(self) - (1 if self.complete(len(self) - 1) else 2)


@dataclass(frozen=True)
class Past:
    """Purchases before the day of the figures, which is not over; month: the number of each row's month."""

    customers: int
    index: Ints
    day: Ints
    month: Ints
    orders: Ints
    net: Ints
    months: Months

    @classmethod
    def of(cls, purchases: Purchases, as_of: int) -> "Past":
        over: Any = purchases.day < as_of
        if over.all():  # nothing is copied then
            over = slice(None)
        day = purchases.day[over]
        columns = purchases.index[over], day, month_numbers(day), purchases.orders[over], purchases.net[over]
        return cls(len(purchases), *columns, Months.of(day, as_of))

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """So many customers at a time as the processor's cache holds: they, and their rows."""
        for first in range(0, self.customers, BLOCK):
            last = min(first + BLOCK, self.customers)
            rows = np.searchsorted(self.index, [first, last])
            yield slice(first, last), slice(*rows)


def month_rows(past: Past, customers: Customers, generation: Generation) -> list[PeriodFigure]:
    months = past.months
    if not len(months):
        return []
    windowed, monthly = _movements(past, generation.active_days, known_before(customers, generation.active_days))
    sales = _sales(past, monthly.end, Definition.from_dict(generation.settings))
    ever = np.cumsum(monthly.new + monthly.first_seen)
    rows: list[PeriodFigure] = []
    for mode, moved in ((Mode.WINDOW, windowed), (Mode.MONTHLY, monthly)):
        rows += [_row(generation, mode, months, i, moved, ever, sales) for i in range(len(months))]
    return rows


def _movements(past: Past, window: int, known: Any) -> tuple[Movement, Movement]:
    """Of both ways to be active."""
    windowed, monthly = [], []
    for customers, rows in past.blocks():
        index, size = past.index[rows] - customers.start, customers.stop - customers.start
        month = past.month[rows] - past.months.low
        by_window = movement.windowed(index, past.day[rows], past.months.ends, window, size)
        windowed.append(by_window.movement(known[customers]))
        by_month = movement.monthly(index, month, len(past.months), size)
        monthly.append(by_month.movement(known[customers]))
    return Movement.together(windowed), Movement.together(monthly)


def _row(
    generation: Generation, mode: str, months: Months, i: int, moved: Any, ever: Ints, sales: dict[str, Ints]
) -> PeriodFigure:
    start = int(moved.start[i])
    return PeriodFigure(
        generation=generation,
        month=month_start(months.low + i),
        mode=mode,
        last_day=date.fromordinal(int(months.ends[i])),
        complete=months.complete(i),
        start=start,
        end=int(moved.end[i]),
        new=int(moved.new[i]),
        kept=int(moved.kept[i]),
        returned=int(moved.returned[i]),
        first_seen=int(moved.first_seen[i]),
        tried_and_left=int(moved.tried_and_left[i]),
        lapsed=(int(ever[i - 1]) if i else 0) - start,
        orders=int(sales["orders"][i]),
        buyers=int(sales["buyers"][i]),
        revenue=Decimal(int(sales["revenue"][i])) / 1000,
    )


def _sales(past: Past, buyers: Ints, definition: Definition) -> dict[str, Ints]:
    """Orders, buyers, and revenue with returns on the day they were returned, per month."""
    months, n = past.months, len(past.months)
    period = past.month - months.low
    net = _sums(period, past.net, n)
    ordered, returned, amount = _returns(definition)
    net += _per_month(month_numbers(ordered) - months.low, np.where(ordered > 0, amount, 0), n)
    net -= _per_month(month_numbers(returned) - months.low, np.where(returned < months.as_of, amount, 0), n)
    return {
        "orders": _sums(period, past.orders, n),
        "buyers": buyers,
        "revenue": net,
    }


def _per_month(month: Ints, values: Ints, n: int) -> Ints:
    inside = (month >= 0) & (month < n)
    return _sums(month[inside], values[inside], n)


def _sums(month: Ints, values: Ints, n: int) -> Ints:
    return np.rint(np.bincount(month, weights=values, minlength=n)).astype(np.int64)


def _returns(definition: Definition) -> tuple[Ints, Ints, Ints]:
    """Local day of the order (0: without one), of the return, thousandths."""
    with connection.cursor() as cursor:
        cursor.execute(_RETURNED.format(share=_ALL if definition.tax_and_shipping else _GOODS))
        found = cursor.fetchall()
    size = len(found)

    def moments(column: int) -> Ints:
        seconds = (row[column].timestamp() if row[column] else POSTGRES_EPOCH for row in found)
        moment = np.fromiter(seconds, dtype=np.float64, count=size).astype(np.int64) - POSTGRES_EPOCH
        return local_days(moment * MICROSECONDS, definition.zone)

    ordered = np.where([row[1] is not None for row in found], moments(1), 0) if size else np.zeros(0, dtype=np.int64)
    amount = np.fromiter((round(row[2] * 1000) for row in found), dtype=np.int64, count=size)
    return ordered, moments(0), amount


def cohort_rows(past: Past, customers: Customers, generation: Generation) -> list[CohortCell]:
    months = past.months
    if not len(months):
        return []
    last = months.low + len(months) - 1
    found = triangle.triangle(past.index, past.month, months.last_complete, last)
    known_until = int(customers.first.min()) + generation.active_days
    rows: list[CohortCell] = []
    for row, number in enumerate(found.cohorts[: len(months)]):
        if not found.sizes[row]:
            continue
        known = month_start(int(number)).toordinal() < known_until
        rows += [_cell(generation, found, row, column, known) for column in range(len(months) - row)]
    return rows


def _cell(generation: Generation, found: triangle.Triangle, row: int, column: int, known: bool) -> CohortCell:
    return CohortCell(
        generation=generation,
        cohort=month_start(int(found.cohorts[row])),
        month=column,
        members=int(found.sizes[row]),
        bought=int(found.bought[row, column]),
        rolling=int(found.rolling[row, column]),
        cumulative=int(found.cumulative[row, column]),
        complete=bool(found.complete[row, column]),
        known_before=known,
    )


def totals(customers: Customers, generation: Generation, as_of: int) -> dict[str, Any]:
    """Figures of the whole shop: money in thousandths, shares as [of them, of all]."""
    known = known_before(customers, generation.active_days)
    first, second, last = customers.first[~known], customers.second[~known], customers.last[~known]
    return {
        "buyers": len(customers),
        "orders": int(customers.orders.sum()),
        "net": int(customers.net.sum()),
        "repeat_by_orders": int((customers.orders > 1).sum()),
        "repeat_by_days": int((customers.occasions > 1).sum()),
        "known_before": int(known.sum()),
        "average_order": _interval(ratio(customers.net / 1000, customers.orders)),
        "second_within": {str(days): list(triangle.repeat_rate(first, second, as_of, days)) for days in HORIZONS},
        "rolling": {str(days): list(triangle.rolling_by_day(first, last, as_of, days)) for days in HORIZONS},
    }


def _interval(found: Interval) -> list[float | None]:
    return [round(float(v), 4) if np.isfinite(v) else None for v in (found.value, found.low, found.high)]


AHEAD = 15  # days for which the lists of the page At risk are counted beforehand


def states_ahead(columns: dict[str, Any], as_of: int, second_lasts: int) -> dict[str, dict[str, list[int]]]:
    """Customers in each state and thousandths at stake, on the day of the figures and those after it."""
    lost, at_risk, overdue, second = (
        np.where(columns[f"{name}_on"] > 0, columns[f"{name}_on"], FAR)
        for name in ("likely_lost", "at_risk", "overdue", "second_due")
    )
    worse = np.minimum(lost, at_risk)
    at_stake = np.nan_to_num(columns["at_stake"])
    states = {
        "likely_lost": _each_day(lost, FAR, at_stake, as_of),
        "at_risk": _each_day(at_risk, lost, at_stake, as_of),
        "overdue": _each_day(overdue, worse, at_stake, as_of),
        "second_due": _each_day(second, second + second_lasts + 1, at_stake, as_of),
    }
    days = [date.fromordinal(as_of + ahead).isoformat() for ahead in range(AHEAD)]
    return {day: {name: counts[ahead] for name, counts in states.items()} for ahead, day in enumerate(days)}


def _each_day(begin: Ints, end: Any, at_stake: Any, as_of: int) -> list[list[int]]:
    """On each of the days ahead, those for whom it lies between their two days: how many, and what they add up to."""
    first, last = (np.clip(day - as_of, 0, AHEAD) for day in np.broadcast_arrays(begin, end))
    inside = first < last
    first, last, at_stake = first[inside], last[inside], at_stake[inside]

    def on(weights: Any) -> Any:
        came, went = (np.bincount(day, weights=weights, minlength=AHEAD + 1) for day in (first, last))
        return np.cumsum(came - went)[:AHEAD].astype(np.int64).tolist()

    return [[n, amount] for n, amount in zip(on(None), on(at_stake), strict=True)]
