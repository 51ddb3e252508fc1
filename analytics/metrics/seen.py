"""One period as the purchase days of some customers show it: everything is told from how many days lie before a border.

"Active at the end" is: more purchase days until the end than until A days before it. All borders that are asked about
are known before, so that counts and sums until each of them come of one look at every row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.metrics.history import Refunds
from analytics.metrics.known_email import Cohorts
from analytics.metrics.spans import Span, year_before
from analytics.metrics.sums import HORIZONS, Moved, Ratio, Season
from analytics.purchases.reading import Purchases

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max // 2


@dataclass(frozen=True)
class Borders:
    """Days of a period as ordinals, and those of the windows beside it. `known`: first seen before that day."""

    first: int
    last: int
    before: int  # first day of the period before, of equal kind
    window: int  # A
    known: int
    season: tuple[int, int, int, int]  # first and last day of the window a year ago, and of the one now

    @classmethod
    def of(cls, span: Span, active_days: int, history_from: date, months: int) -> Borders:
        return cls(
            span.first.toordinal(),
            span.last.toordinal(),
            span.whole.before.first.toordinal(),
            active_days,
            history_from.toordinal() + active_days,
            season(span.last, months),
        )

    @property
    def earliest(self) -> int:
        return min(self.first, self.season[0])

    @property
    def days(self) -> set[int]:
        """The last days of the stretches that are looked at, and the last before they begin."""
        begins = (self.first, self.first - self.window, self.last - self.window + 1, self.before, *self.season[::2])
        return {self.last, *self.season[1::2], *(day - 1 for day in begins)}


def season(last: date, months: int = 12) -> tuple[int, int, int, int]:
    """Two equal windows of one season: so many months until `last`, and the same a year before."""
    then = year_before(last)
    return _after(then, months), then.toordinal(), _after(last, months), last.toordinal()


def _after(last: date, months: int) -> int:
    """The first day of so many months that end with `last`: of whole months when it is the last of one."""
    following = date.fromordinal(last.toordinal() + 1)
    number = following.year * 12 + following.month - 1 - months
    month = date(number // 12, number % 12 + 1, 1)
    ends = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    return min(month.toordinal() + following.day - 1, ends.toordinal())


class Running:
    """What each customer of a part had bought until some days, which all periods asked of it share.

    Each row is looked at once, to say between which of these days it lies; the rest are sums of customers × days.
    """

    def __init__(self, purchases: Purchases, days: Iterable[int]) -> None:
        self.purchases, self.starts = purchases, purchases.starts
        self.ends = np.append(self.starts[1:], purchases.day.size)
        self.first = purchases.day[self.starts]
        marks = sorted(days)
        self._place = {day: place for place, day in enumerate(marks)}
        self._cell = self.starts.size * _before(purchases.day, np.array(marks)) + purchases.index
        self._days = self._until(None)

    def _until(self, values: Any) -> Any:
        """Of each day, shape (days, customers). Money is in whole thousandths, which numbers with a point keep."""
        shape = len(self._place) + 1, self.starts.size
        each = np.bincount(self._cell, values, minlength=shape[0] * shape[1]).reshape(shape)
        return np.cumsum(each[:-1], axis=0)

    def days(self, day: int) -> Any:
        """Purchase days until and with a day, of each customer."""
        return self._days[self._place[day]]

    def net(self, first: int, last: int) -> Floats:
        """Thousandths between two days, both inside, of each customer."""
        return self._between(self._net, first, last)

    def orders(self, first: int, last: int) -> Floats:
        return self._between(self._orders, first, last)

    def net_until(self, day: int) -> Floats:
        found: Floats = self._net[self._place[day]]
        return found

    def _between(self, until: Any, first: int, last: int) -> Floats:
        found: Floats = until[self._place[last]] - until[self._place[first - 1]]
        return found

    @cached_property
    def _net(self) -> Any:
        return self._until(self.purchases.net)

    @cached_property
    def _orders(self) -> Any:
        return self._until(self.purchases.orders)

    @cached_property
    def second(self) -> Ints:
        """The second purchase day of each customer, or one that never comes."""
        found = np.full(self.starts.size, NEVER)
        more = self.ends - self.starts > 1
        found[more] = self.purchases.day[self.starts[more] + 1]
        return found


def _before(days: Ints, marks: Ints) -> Ints:
    """How many of the marks lie before each day. Looked up: there are far fewer days than rows."""
    if not days.size:
        return days
    earliest = int(days.min())
    return np.searchsorted(marks, np.arange(earliest, int(days.max()) + 1))[days - earliest]


class Seen:
    """Of each customer of a part, in the order of their ids."""

    def __init__(self, running: Running, refunds: Refunds, borders: Borders) -> None:
        self.running, self.purchases, self.refunds, self.borders = running, running.purchases, refunds, borders
        self.first = running.first

    def between(self, first: int, last: int) -> Flags:
        """Whether they bought between two days, both inside."""
        bought: Flags = self.running.days(last) > self.running.days(first - 1)
        return bought

    @cached_property
    def fresh(self) -> Flags:
        """First bought in the period."""
        return (self.first >= self.borders.first) & (self.first <= self.borders.last)

    @cached_property
    def known(self) -> Flags:
        return self.first < self.borders.known

    # ---- Who stayed, came and left ----------------------------------------------------------------
    def by_window(self) -> tuple[Flags, Flags]:
        """Active at the start, and at the end."""
        at = self.borders
        start = self.between(at.first - at.window, at.first - 1)
        return start, self.between(at.last - at.window + 1, at.last)

    def by_period(self) -> tuple[Flags, Flags]:
        at = self.borders
        return self.between(at.before, at.first - 1), self.between(at.first, at.last)

    def moved(self, start: Flags, end: Flags) -> Moved:
        old = self.first < self.borders.first
        counts = {
            "start": start,
            "end": end,
            "kept": start & end,
            "new": self.fresh & end & ~self.known,
            "first_seen": self.fresh & end & self.known,
            "returned": end & ~start & old,
            "tried_and_left": self.fresh & ~end & ~self.known,
            "lapsed": old & ~start,
        }
        return Moved(**{name: int(np.count_nonzero(flags)) for name, flags in counts.items()})

    # ---- What they spent --------------------------------------------------------------------------
    @cached_property
    def orders(self) -> Floats:
        return self.running.orders(self.borders.first, self.borders.last)

    @cached_property
    def net(self) -> Floats:
        """Of the orders of the period, less what came back of them at any time."""
        return self.running.net(self.borders.first, self.borders.last) / 1000

    def spent(self) -> Ratio:
        bought = self.orders > 0
        return sums_of(self.net[bought], self.orders[bought])

    def worth(self) -> Floats:
        """Net of all orders until the end of the period, of those who had bought by then."""
        return self.running.net_until(self.borders.last)[self.first <= self.borders.last] / 1000

    def cohorts(self, without_email: Ints) -> Cohorts:
        """What they spent until the end of the period, by the month they first came in, with an e-mail and without.

        without_email: ids, ascending.
        """
        old, ids = self.first <= self.borders.last, self.purchases.customers
        theirs = without_email[slice(*np.searchsorted(without_email, [ids[0], ids[-1] + 1]))]
        return Cohorts.of(self.first[old], self.worth(), ~np.isin(ids[old], theirs))

    def each_order(self) -> Floats:
        """Of every order of the period; several of one customer on one day count with their mean."""
        days, at = self.purchases, self.borders
        inside = (days.day >= at.first) & (days.day <= at.last)
        orders = days.orders[inside]
        return np.repeat(days.net[inside] / 1000 / np.maximum(orders, 1), orders)

    def returned_on_the_day(self, first: int, last: int) -> Floats:
        """Net between two days as the till saw it: returns on the day of the return, whatever they were of."""
        net = self.running.net(first, last)
        index = np.searchsorted(self.purchases.customers, self.refunds.customer)
        index = np.minimum(index, max(self.purchases.customers.size - 1, 0))
        ours = self.purchases.customers[index] == self.refunds.customer if index.size else index.astype(bool)
        amount = corrections(self.refunds, first, last)
        return (net + np.bincount(index[ours], weights=amount[ours], minlength=net.size)) / 1000

    def _two_windows(self) -> tuple[Floats, Floats]:
        then, before, since, until = self.borders.season
        return self.returned_on_the_day(then, before), self.returned_on_the_day(since, until)

    def of_season(self, who: str) -> Flags:
        r0, r1 = self._two_windows()
        lost, shrunk = r1 <= 0, (r1 > 0) & (r1 < r0)
        which: Flags = (r0 > 0) & {"season_lost": lost, "season_shrunk": shrunk}.get(who, np.ones(r0.size, dtype=bool))
        return which

    def season(self) -> Season:
        r0, r1 = self._two_windows()
        had = r0 > 0
        r0, r1 = r0[had], r1[had]
        gone, less = r1 <= 0, (r1 > 0) & (r1 < r0)
        return Season(
            net=sums_of(r1, r0),
            gross=sums_of(np.maximum(0, np.minimum(r1, r0)), r0),
            lost=sums_of(np.where(gone, r0, 0), r0),
            shrunk=sums_of(np.where(less, r0 - r1, 0), r0),
            lost_customers=int(gone.sum()),
            shrunk_customers=int(less.sum()),
        )

    # ---- Whether they came again ------------------------------------------------------------------
    def again(self) -> dict[str, list[int]]:
        """A second occasion within so many days: of those new whose days ended in the period."""
        found = {}
        for days in HORIZONS:
            ends = self.first + days
            asked = (ends >= self.borders.first) & (ends <= self.borders.last) & ~self.known
            found[str(days)] = [int((asked & (self.running.second <= ends)).sum()), int(asked.sum())]
        return found


def sums_of(y: Floats, x: Floats) -> Ratio:
    return Ratio(y.size, float(y.sum()), float(x.sum()), float(y @ y), float(x @ x), float(y @ x))


def corrections(refunds: Refunds, first: int, last: int) -> Any:
    """Thousandths by which each refund moves the net between two days from the order's day to its own."""
    ordered = (refunds.ordered >= first) & (refunds.ordered <= last)
    returned = (refunds.day >= first) & (refunds.day <= last)
    return np.where(ordered, refunds.amount, 0) - np.where(returned, refunds.amount, 0)
