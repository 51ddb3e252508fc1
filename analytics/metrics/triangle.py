"""Cohorts: of those whose first purchase fell in a month, who bought later, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.purchases.reading import blocks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Triangle:
    """Customers per cohort (row) and month since the first purchase (column).

    cohorts: month numbers without holes, shape (c,); sizes: members, (c,). Of shape
    (c, c): bought: bought in month m, of which column 0 is a second purchase day in
    the first month; rolling: in month m or later; cumulative: again at least once
    within m months. complete: the whole month was over for every member. Cells in
    the future are 0 and not complete.
    """

    cohorts: Ints
    sizes: Ints
    bought: Ints
    rolling: Ints
    cumulative: Ints
    complete: NDArray[np.bool_]

    def average(self, counts: Ints) -> Floats:
        """Share per column over complete cells, weighted by cohort size; NaN if none."""
        members = (self.sizes[:, None] * self.complete).sum(axis=0)
        hits = (counts * self.complete).sum(axis=0)
        return np.divide(hits, members, out=np.full(len(members), np.nan), where=members > 0)


def triangle(customer: ArrayLike, month: ArrayLike, last_complete: int, last: int = 0) -> Triangle:
    """customer, month: of each purchase day, sorted by customer, then day, (rows,).

    month: a running number (year * 12 + month); last_complete: the last month that
    is over; last: the month that is not over, in which nobody may have bought yet.
    """
    customer, month = np.asarray(customer), np.asarray(month)
    if not customer.size:
        return _of_nobody()

    low = int(month.min())
    width = int(max(month.max(), last_complete, last) - low) + 1
    cohorts = np.arange(low, low + width)
    parts = [_of_some(customer[rows], (month[rows] - low).astype(np.int32), width) for rows in blocks(customer)]
    sizes, bought, final, second = (np.sum(counts, axis=0) for counts in zip(*parts, strict=True))
    return Triangle(
        cohorts=cohorts,
        sizes=sizes,
        bought=bought,
        rolling=_from_right(final),
        cumulative=np.cumsum(second, axis=1) * _past(width),
        complete=cohorts[:, None] + np.arange(width) <= last_complete,
    )


def _of_nobody() -> Triangle:
    none, square = np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.int64)
    return Triangle(none, none, square, square, square, square.astype(bool))


def _of_some(customer: Ints, month: Any, width: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Of some customers, months from 0: members, who bought in each month, the last month of each, the second one."""
    starts = np.flatnonzero(np.append(True, customer[1:] != customer[:-1]))
    size = np.diff(starts, append=customer.size)
    row, repeat, count = month[starts], size > 1, partial(_counted, width)
    first, second, final = row[repeat], month[starts[repeat] + 1], month[(starts + size - 1)[repeat]]
    later = _months_begun(month, starts)
    cohort = np.repeat(row, size)[later]
    bought = count(cohort, month[later] - cohort)
    bought[:, 0] = np.bincount(first[second == first], minlength=width)
    return np.bincount(row, minlength=width), bought, count(first, final - first), count(first, second - first)


def _counted(width: int, cohort: Ints, column: Ints) -> Ints:
    """How often each cell is named, as a square."""
    return np.bincount(cohort * width + column, minlength=width * width).reshape(width, width)


def _months_begun(month: Ints, starts: Ints) -> Ints:
    """The first day of each month that a customer bought in after the first one: which rows."""
    begun = np.zeros(month.size, dtype=bool)
    begun[1:] = month[1:] != month[:-1]
    begun[starts] = False
    return np.flatnonzero(begun)


def _from_right(counts: Ints) -> Ints:
    return np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]


def _past(width: int) -> Ints:
    cells = np.arange(width)
    return (cells[:, None] + cells < width).astype(np.int64)


def repeat_rate(first_day: ArrayLike, second_day: ArrayLike, as_of: int, within: int) -> tuple[int, int]:
    """Customers with a second purchase day within `within` days, and of how many.

    Only customers whose first purchase is at least that old. second_day: any day
    far after as_of where there is none. Shape (n,).
    """
    first, second = np.asarray(first_day), np.asarray(second_day)
    old = as_of - first >= within
    return int(np.sum(old & (second - first <= within))), int(old.sum())


def rolling_by_day(first_day: ArrayLike, last_day: ArrayLike, as_of: int, after: int) -> tuple[int, int]:
    """Customers who bought on day `after` or later, and of how many old enough."""
    first, last = np.asarray(first_day), np.asarray(last_day)
    old = as_of - first >= after
    return int(np.sum(old & (last - first >= after))), int(old.sum())
