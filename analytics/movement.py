"""Who stayed, who left, who came new and who returned, period by period.

Both declared modes of "active" end in the same table: period × customer, whether the customer was active at its
end. `monthly` takes the calendar period itself, `windowed` the A days before its end. A row of the table is a
period, so that neighbouring periods are compared at the speed of memory; a table of many customers is best made
some at a time, and the movements added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NO_DAY = np.iinfo(np.int32).min


@dataclass(frozen=True)
class Active:
    """at_end: shape (periods, customers); first: the period of each customer's first purchase, -1 outside of them."""

    at_end: Flags
    first: Ints

    def movement(self, known_before: Flags | None = None) -> Movement:
        """Counts per period. known_before: customers who are never called new."""
        periods = len(self.at_end)
        inside = np.flatnonzero(self.first >= 0)
        first = self.first[inside]
        stayed = self.at_end[first, inside]
        known = np.zeros(first.size, dtype=bool) if known_before is None else known_before[inside]

        def by_first(some: Flags) -> Ints:
            return np.bincount(first[some], minlength=periods)

        end, kept = _counted(self.at_end), np.append(0, _counted(self.at_end[1:] & self.at_end[:-1]))
        new, first_seen = by_first(stayed & ~known), by_first(stayed & known)
        return Movement(
            start=np.append(0, end[:-1]),
            end=end,
            new=new,
            kept=kept,
            returned=end - kept - new - first_seen,
            first_seen=first_seen,
            tried_and_left=by_first(~stayed & ~known),
        )

    def churned(self, period: int) -> Ints:
        """Customers active in the period before and not in this one, sorted."""
        return np.flatnonzero(self.at_end[period - 1] & ~self.at_end[period])

    def returned(self, period: int) -> Ints:
        """Customers active in this period, not in the one before, and not new, sorted."""
        return np.flatnonzero(self.at_end[period] & ~self.at_end[period - 1] & (self.first < period))


@dataclass(frozen=True)
class Movement:
    """Customers per period, each of shape (periods,).

    start S, end E, new N (first purchase inside and active at the end), kept S ∩ E,
    returned W, first_seen (known before the history), tried_and_left (first purchase
    inside, no longer active at the end). E = kept + new + returned + first_seen.
    """

    start: Ints
    end: Ints
    new: Ints
    kept: Ints
    returned: Ints
    first_seen: Ints
    tried_and_left: Ints

    @classmethod
    def together(cls, parts: Sequence[Movement]) -> Movement:
        """Of different customers."""
        return cls(*(np.sum([getattr(part, one.name) for part in parts], axis=0) for one in fields(cls)))

    @property
    def strict(self) -> Floats:
        """|S ∩ E| / |S|; NaN where S is empty."""
        return self._of_start(self.kept)

    @property
    def classic(self) -> Floats:
        """(E − N) / S: counts returners as retained and can exceed 1."""
        return self._of_start(self.end - self.new - self.first_seen)

    @property
    def churn(self) -> Floats:
        return 1.0 - self.strict

    @property
    def reactivated(self) -> Floats:
        """W / S: what the classic rate adds."""
        return self._of_start(self.returned)

    def _of_start(self, counts: Ints) -> Floats:
        empty = np.full(len(counts), np.nan)
        return np.divide(counts, self.start, out=empty, where=self.start > 0)


def monthly(customer: ArrayLike, period: ArrayLike, periods: int, customers: int | None = None) -> Active:
    """Active = bought in the period. customer, period: of each purchase day, sorted; customers: how many there are."""
    customer, period = np.asarray(customer, np.int64), np.asarray(period, np.int64)
    table = np.zeros((periods + 1, _size(customer, customers)), dtype=bool)
    outside = (period < 0) | (period >= periods)
    _put(table, np.where(outside, periods, period), customer, True)
    return Active(table[:periods], _first(customer, period, table))


def windowed(customer: ArrayLike, day: ArrayLike, ends: ArrayLike, window: int, customers: int | None = None) -> Active:
    """Active = last purchase within the `window` days up to and with the end.

    customer, day: purchase days sorted by customer, then day; ends: the last day of
    each period, ascending.
    """
    customer, day = np.asarray(customer, np.int64), np.asarray(day, np.int64)
    ends = np.asarray(ends, np.int64)
    period = _place(ends, day)
    last = np.full((ends.size + 1, _size(customer, customers)), NO_DAY, dtype=np.int32)
    _put(last, period, customer, day)  # of several days in a period, the last stays
    for before, here in pairwise(last):  # NumPy's own accumulate takes ten times as long
        np.maximum(before, here, out=here)
    return Active(last[:-1] > (ends - window).astype(np.int32)[:, None], _first(customer, period, last))


def _size(customer: Ints, customers: int | None) -> int:
    return int(customer.max(initial=-1)) + 1 if customers is None else customers


def _put(table: NDArray[np.generic], period: Ints, customer: Ints, values: Ints | bool) -> None:
    """The last row of the table takes what lies outside of the periods."""
    table.reshape(-1)[period * table.shape[1] + customer] = values


def _first(customer: Ints, period: Ints, table: NDArray[np.generic]) -> Ints:
    first = np.full(table.shape[1], -1)
    starts = np.flatnonzero(np.diff(customer, prepend=customer[:1] - 1))
    first[customer[starts]] = period[starts]
    return np.where(first < len(table) - 1, np.maximum(first, -1), -1)


def _counted(flags: Flags) -> Ints:
    return np.count_nonzero(flags, axis=1).astype(np.int64)


def _place(ends: Ints, days: Ints) -> Ints:
    """The period in which each day lies, looked up by day: there are far fewer days than rows."""
    if not days.size:
        return days
    earliest, latest = int(days.min()), int(days.max())
    return np.searchsorted(ends, np.arange(earliest, latest + 1), side="left")[days - earliest]
