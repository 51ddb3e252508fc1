"""Who stayed, who left, who came new and who returned, period by period.

Both declared modes of "active" end in the same spells: from which period on a purchase makes its customer active, and
from which one no longer, or no longer alone. `monthly` takes the calendar period itself, `windowed` the A days before
its end. Nothing is ever as large as periods × customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Active:
    """Spells of activity, sorted by customer, then time: active at the ends of the periods begin … end-1.

    A spell lasts until the customer's next one begins. customer, begin, end: of shape (spells,); first: the period of
    each customer's first purchase, -1 outside of them, shape (customers,).
    """

    customer: Any
    begin: Any
    end: Any
    first: Any
    periods: int

    def movement(self, known_before: Flags | None = None) -> Movement:
        """Counts per period. known_before: customers who are never called new."""
        known = np.zeros(self.first.size, dtype=bool) if known_before is None else known_before
        begun = self._per_period(self.begin)
        end = np.cumsum(begun - self._per_period(self.end))
        kept = end - begun + self._per_period(self.begin[self._at_once_after_another()])
        # Of one who stayed until the end of their first period, a spell begins there.
        stayed = self.begin == self.first[self.customer]
        fresh = ~known[self.customer]
        new, first_seen = self._per_period(self.begin[stayed & fresh]), self._per_period(self.begin[stayed & ~fresh])
        came = self._per_period(self.first[(self.first >= 0) & ~known])
        return Movement(
            start=np.append(0, end[:-1]),
            end=end,
            new=new,
            kept=kept,
            returned=end - kept - new - first_seen,
            first_seen=first_seen,
            tried_and_left=came - new,
        )

    def at_end(self, period: int) -> Ints:
        """Customers active at its end, sorted."""
        return self.customer[(self.begin <= period) & (period < self.end)].astype(np.int64)

    def churned(self, period: int) -> Ints:
        """Customers active in the period before and not in this one, sorted."""
        return np.setdiff1d(self.at_end(period - 1), self.at_end(period), assume_unique=True)

    def returned(self, period: int) -> Ints:
        """Customers active in this period, not in the one before, and not new, sorted."""
        back = np.setdiff1d(self.at_end(period), self.at_end(period - 1), assume_unique=True)
        return back[self.first[back] < period]

    def _per_period(self, periods: Any) -> Ints:
        return np.bincount(periods, minlength=self.periods + 1)[: self.periods]

    def _at_once_after_another(self) -> Any:
        """Spells that begin where the one before ended."""
        follows = np.zeros(self.begin.size, dtype=bool)
        follows[1:] = (self.begin[1:] == self.end[:-1]) & (self.customer[1:] == self.customer[:-1])
        return follows


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
    period = np.asarray(period, np.int32)
    inside = (period >= 0) & (period < periods)
    end = period + 1 if inside.all() else np.where(inside, period + 1, period)
    return _active(customer, period, end, periods, customers)


def windowed(customer: ArrayLike, day: ArrayLike, ends: ArrayLike, window: int, customers: int | None = None) -> Active:
    """Active = last purchase within the `window` days up to and with the end.

    customer, day: purchase days sorted by customer, then day; ends: the last day of
    each period, ascending.
    """
    day, ends = np.asarray(day, np.int64), np.asarray(ends, np.int64)
    return _active(customer, *_places(ends, day, window), ends.size, customers)


def _active(customer: ArrayLike, begin: Any, end: Any, periods: int, customers: int | None) -> Active:
    """begin, end: of each purchase day, as if it were the last."""
    customer = np.asarray(customer, np.int32)
    size = int(customer.max(initial=-1)) + 1 if customers is None else customers
    same = customer[1:] == customer[:-1]
    starts = np.flatnonzero(np.append(customer.size > 0, ~same))[: customer.size]
    first = np.full(size, -1, np.int32)
    first[customer[starts]] = np.where(begin[starts] < periods, np.maximum(begin[starts], -1), -1)
    until = end.copy()
    until[:-1] = np.where(same, np.minimum(end[:-1], begin[1:]), end[:-1])
    lasting = np.flatnonzero(until > begin)
    return Active(customer[lasting], begin[lasting], until[lasting], first, periods)


def _places(ends: Ints, days: Ints, window: int) -> tuple[Any, Any]:
    """The period in which each day lies, and the first one in whose window it no longer does.

    Looked up by day: there are far fewer days than rows.
    """
    if not days.size:
        return days.astype(np.int32), days.astype(np.int32)
    earliest, latest = int(days.min()), int(days.max())
    each = np.arange(earliest, latest + 1)
    begin, end = (np.searchsorted(ends, each + more).astype(np.int32) for more in (0, window))
    at = days - earliest
    return begin[at], end[at]
