"""The shop month by month: who stayed, left, came and came back, what was sold, and how cohorts went on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from analytics.definition import Definition
from analytics.metrics import movement, triangle
from analytics.metrics.movement import Movement
from analytics.models import Generation, PeriodFigure
from analytics.purchases.local_days import (
    MICROSECONDS,
    POSTGRES_EPOCH,
    local_days,
    month_end,
    month_numbers,
    month_start,
)
from analytics.purchases.reading import Purchases, rows_between
from analytics.purchases.summary import Customers, known_before
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
    """Purchases; month: the number of each row's month.

    The day of the figures is not over: what was bought on it or later is in a month behind all that are looked at.
    """

    customers: int
    index: Ints
    day: Ints
    month: Ints
    orders: Ints
    net: Ints
    months: Months

    @classmethod
    def of(cls, purchases: Purchases, as_of: int) -> "Past":
        day, month = purchases.day, month_numbers(purchases.day)
        month[day >= as_of] = int(month_numbers(np.array([as_of - 1]))[0]) + 1  # other columns are not copied for it
        first = int(day.min(initial=as_of))
        months = Months.of(np.array([first] if first < as_of else [], dtype=np.int64), as_of)
        return cls(len(purchases), purchases.index, day, month, purchases.orders, purchases.net, months)

    def over(self) -> Any:
        """Which rows are of the months looked at; where all are, nothing is copied."""
        over = self.month < self.months.low + len(self.months)
        return slice(None) if over.all() else over

    @classmethod
    def within(cls, purchases: Purchases, months: Months) -> "Past":
        """Of some customers, in the months of the whole shop."""
        past = cls.of(purchases, months.as_of)
        return replace(past, months=months)

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """So many customers at a time as the processor's cache holds: they, and their rows."""
        for first in range(0, self.customers, BLOCK):
            last = min(first + BLOCK, self.customers)
            yield slice(first, last), rows_between(self.index, first, last)


def month_rows(past: Past, customers: Customers, generation: Generation) -> list[PeriodFigure]:
    months = past.months
    if not len(months):
        return []
    windowed, monthly = movements(past, generation.active_days, known_before(customers, generation.active_days))
    sales = _sales(past, monthly.end, Definition.from_dict(generation.settings))
    ever = np.cumsum(monthly.new + monthly.first_seen)
    rows: list[PeriodFigure] = []
    for mode, moved in ((Mode.WINDOW, windowed), (Mode.MONTHLY, monthly)):
        rows += [_row(generation, mode, months, i, moved, ever, sales) for i in range(len(months))]
    return rows


def movements(past: Past, window: int, known: Any) -> tuple[Movement, Movement]:
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
        late=Decimal(int(sales["late"][i])) / 1000,
    )


def _sales(past: Past, buyers: Ints, definition: Definition) -> dict[str, Ints]:
    """Orders, buyers, and revenue with returns on the day they were returned, per month."""
    months, n = past.months, len(past.months)
    period = past.month - months.low
    net = _sums(period, past.net, n)
    ordered, returned, amount = _returns(definition)
    net += _per_month(month_numbers(ordered) - months.low, np.where(ordered > 0, amount, 0), n)
    net -= _per_month(month_numbers(returned) - months.low, np.where(returned < months.as_of, amount, 0), n)
    over = (returned < months.as_of) & (month_numbers(returned) > month_numbers(ordered))
    return {
        "orders": _sums(period, past.orders, n),
        "buyers": buyers,
        "revenue": net,
        "late": _per_month(month_numbers(ordered) - months.low, np.where(over & (ordered > 0), amount, 0), n),
    }


def _per_month(month: Ints, values: Ints, n: int) -> Ints:
    inside = (month >= 0) & (month < n)
    return _sums(month[inside], values[inside], n)


def _sums(month: Ints, values: Ints, n: int) -> Ints:
    return np.rint(np.bincount(month, weights=values, minlength=n)[:n]).astype(np.int64)


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


def cohort_cells(past: Past, customers: Customers, generation: Generation) -> dict[str, Any]:
    """Columns of analytics.CohortCell: a cell for each month that has begun, of cohorts with members."""
    months = past.months
    width = len(months)
    last = months.low + width - 1
    over = past.over()
    found = triangle.triangle(past.index[over], past.month[over], months.last_complete, last)
    row, column = np.nonzero(found.sizes[:width, None] * (np.add.outer(np.arange(width), np.arange(width)) < width))
    begun = [month_start(int(number)).toordinal() for number in found.cohorts[:width]]
    cohort = np.array(begun, dtype=np.int64)[row]
    counts = {name: getattr(found, name)[row, column] for name in ("bought", "rolling", "cumulative", "complete")}
    return {
        "generation_id": np.full(row.size, generation.pk),
        "cohort": cohort,
        "month": column,
        "members": found.sizes[row],
        "known_before": cohort < int(customers.first.min()) + generation.active_days,
        **counts,
    }


def totals(customers: Customers, generation: Generation, as_of: int) -> dict[str, Any]:
    """Figures of the whole shop: money in thousandths, shares as [of them, of all]."""
    known = known_before(customers, generation.active_days)
    first, second, last = customers.first[~known], customers.second[~known], customers.last[~known]
    return {
        "sources": sources(),
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


_SOURCES = """
    SELECT source FROM crm_customer WHERE source <> '' AND merged_into_id IS NULL AND erased_at IS NULL
     GROUP BY source ORDER BY count(*) DESC, source LIMIT 12
"""


def sources() -> list[str]:
    """Where most customers came from: a report offers to look at each of them."""
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES)
        return [source for (source,) in cursor.fetchall()]


def _interval(found: Interval) -> list[float | None]:
    return [round(float(v), 4) if np.isfinite(v) else None for v in (found.value, found.low, found.high)]
