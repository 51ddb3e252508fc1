"""Who stayed, who left, who came new and who returned, period by period.

Both declared modes of "active" end in the same rows: customer × period in whose
end the customer was active. `monthly` takes the calendar period itself, `windowed`
the A days before its end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Active:
    """Rows (customer, period), sorted, each once; periods 0 … n-1.

    first: the period of each customer's first purchase, by customer; -1 before the
    first period.
    """

    customer: Ints
    period: Ints
    first: Ints
    periods: int

    def _edges(self) -> tuple[Flags, Flags]:
        """Active a period before; active a period after; per row."""
        gap = (np.diff(self.period) == 1) & (np.diff(self.customer) == 0)
        return np.append(False, gap)[: self.period.size], np.append(gap, False)[: self.period.size]

    def movement(self, known_before: Flags | None = None) -> Movement:
        """Counts per period. known_before: customers who are never called new."""
        before, _ = self._edges()
        return _movement(
            self.buyers, self.customer[~before], self.period[~before], self.first, _flags(known_before, self.first.size)
        )

    @property
    def buyers(self) -> Ints:
        """How many were active in each period."""
        return np.bincount(self.period, minlength=self.periods)

    def churned(self, period: int) -> Ints:
        """Customers active in the period before and not in this one, sorted."""
        _, after = self._edges()
        return self.customer[(self.period == period - 1) & ~after]

    def returned(self, period: int) -> Ints:
        """Customers active in this period, not in the one before, and not new, sorted."""
        before, _ = self._edges()
        earlier = self.first[self.customer] < self.period
        return self.customer[(self.period == period) & ~before & earlier]


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


def monthly(customer: ArrayLike, period: ArrayLike, periods: int) -> Active:
    """Active = bought in the period. customer, period: of each purchase day, sorted."""
    customer, period = np.asarray(customer, np.int64), np.asarray(period, np.int64)
    first = period[_starts(customer)]
    inside = (period >= 0) & (period < periods)
    new = (np.diff(period, prepend=-1) != 0) | (np.diff(customer, prepend=-1) != 0)
    kept = new & inside
    return Active(customer[kept], period[kept], _clipped(first, periods), periods)


def windowed(customer: ArrayLike, day: ArrayLike, ends: ArrayLike, window: int) -> Active:
    """Active = last purchase within the `window` days up to and with the end.

    customer, day: purchase days sorted by customer, then day; ends: the last day of
    each period, ascending.
    """
    customer, low, high, periods = _stretches(customer, day, ends, window)
    count = high - low
    period = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - low, count)
    first = low[_starts(customer)]
    return Active(np.repeat(customer, count), period, _clipped(first, periods), periods)


def windowed_movement(
    customer: ArrayLike, day: ArrayLike, ends: ArrayLike, window: int, known_before: Flags | None = None
) -> Movement:
    """The movement of `windowed`, from where each stretch of activity begins and ends: a row for no period between."""
    customer, low, high, periods = _stretches(customer, day, ends, window)
    first = _clipped(low[_starts(customer)], periods)
    some = high > low
    customer, low, high = customer[some], low[some], high[some]
    begun, ended = (np.bincount(edge, minlength=periods + 1) for edge in (low, high))
    begins = np.ones(low.size, dtype=bool)
    begins[1:] = (low[1:] != high[:-1]) | (customer[1:] != customer[:-1])
    active = np.cumsum(begun - ended)[:periods]
    return _movement(active, customer[begins], low[begins], first, _flags(known_before, first.size))


def _stretches(customer: ArrayLike, day: ArrayLike, ends: ArrayLike, window: int) -> tuple[Ints, Ints, Ints, int]:
    """For each purchase day the first period in which it keeps its customer active, and the first after those."""
    customer, day = np.asarray(customer, np.int64), np.asarray(day, np.int64)
    ends = np.asarray(ends, np.int64)
    until = day + window
    same = np.diff(customer) == 0
    until[:-1][same] = np.minimum(until[:-1][same], day[1:][same])
    return customer, _place(ends, day), _place(ends, until), ends.size


def _movement(active: Ints, customer: Ints, period: Ints, first: Ints, known: Flags) -> Movement:
    """active: per period; customer, period: who was active in a period and not in the one before."""
    came = first[customer]
    # The four kinds are counted in one go: 0 new, 1 first seen, 2 returned, 3 none of them.
    kind = np.where(came < period, 2, np.where(came > period, 3, known[customer]))
    counts = np.bincount(period + kind * active.size, minlength=4 * active.size).reshape(4, -1)
    new, first_seen, returned, _ = counts
    newcomers = first[(first >= 0) & ~known]
    return Movement(
        start=np.append(0, active[:-1]),
        end=active,
        new=new,
        kept=active - counts.sum(axis=0),
        returned=returned,
        first_seen=first_seen,
        tried_and_left=np.bincount(newcomers, minlength=active.size) - new,
    )


def _place(ends: Ints, days: Ints) -> Ints:
    """The period in which each day lies, looked up by day: there are far fewer days than rows."""
    if not days.size:
        return days
    earliest, latest = int(days.min()), int(days.max())
    return np.searchsorted(ends, np.arange(earliest, latest + 1), side="left")[days - earliest]


def _starts(customer: Ints) -> Ints:
    return np.flatnonzero(np.diff(customer, prepend=customer[:1] - 1))


def _clipped(first: Ints, periods: int) -> Ints:
    return np.where((first < 0) | (first >= periods), -1, first)


def _flags(known: Flags | None, size: int) -> Flags:
    return np.zeros(size, dtype=bool) if known is None else known
