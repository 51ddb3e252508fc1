"""What the timing models need to know of a customer: x, t_x and T.

One purchase per customer and local day. Days are whole numbers counted from
any fixed day; weeks are days / 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAYS_IN_WEEK = 7.0
MANY = 1_000_000  # repeat purchases of one customer
DIGITS = 21  # of the binary number of purchases, or of days; three of them fit into 64


@dataclass(frozen=True)
class Summary:
    """Buying histories, one row per customer or per group of equal customers.

    x: repeat purchase days; t_x: weeks from the first purchase to the last;
    T: weeks from the first purchase to the day of the figures; count: customers
    in the row; log_gaps: sum of the logarithms of their gaps in weeks, needed
    only for the choice of k. All float64 of one shape (n,).
    """

    x: Floats
    t_x: Floats
    T: Floats
    count: Floats
    log_gaps: Floats

    @classmethod
    def of(
        cls,
        x: ArrayLike,
        t_x: ArrayLike,
        T: ArrayLike,
        count: ArrayLike = 1.0,
        log_gaps: ArrayLike = 0.0,
    ) -> Summary:
        """Any numbers or arrays that broadcast. ValueError unless 0 <= t_x <= T."""
        arrays = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (x, t_x, T, count, log_gaps))
        rows = cls(*np.broadcast_arrays(*arrays))
        rows._check()
        return rows

    @classmethod
    def of_purchase_days(cls, customer: ArrayLike, day: ArrayLike, as_of: int) -> Summary:
        """From purchase days, sorted by customer (0 … n-1, none left out) and day.

        customer, day: shape (rows,), whole numbers; as_of: the day of the figures.
        """
        customer, day = _sorted_days(customer, day, as_of)
        if not customer.size:
            return cls.of([], [], [], [])

        starts = first_rows(customer)
        ends = np.append(starts[1:], customer.size) - 1
        gaps = np.log(gaps_between(customer, day) / DAYS_IN_WEEK)
        return cls.of(
            ends - starts,
            (day[ends] - day[starts]) / DAYS_IN_WEEK,
            (as_of - day[starts]) / DAYS_IN_WEEK,
            log_gaps=np.bincount(np.delete(customer, starts), weights=gaps, minlength=starts.size),
        )

    def __len__(self) -> int:
        return self.x.size

    @property
    def customers(self) -> float:
        return float(self.count.sum())

    @property
    def repeat_purchases(self) -> float:
        return float(self.count @ self.x)

    @property
    def silence(self) -> Floats:
        """Weeks since the last purchase, shape (n,)."""
        return self.T - self.t_x

    @cached_property
    def by_purchases(self) -> tuple[Floats, Ints]:
        """Each x once, ascending, and for each row its place among them. Looked up where they are whole and small."""
        whole = self.x.astype(np.int64)
        if not np.array_equal(whole, self.x) or whole.max(initial=0) >= MANY:
            xs, place = np.unique(self.x, return_inverse=True)
            return xs, place
        present = np.bincount(whole) > 0
        return np.flatnonzero(present).astype(np.float64), (np.cumsum(present) - 1)[whole]

    def grouped(self) -> tuple[Summary, Ints]:
        """Equal rows once, with their counts, sorted; and for each row its group."""
        order = self._order()
        x, t_x, T = self.x[order], self.t_x[order], self.T[order]
        new = np.ones(len(self), dtype=bool)
        new[1:] = (np.diff(x) != 0) | (np.diff(t_x) != 0) | (np.diff(T) != 0)
        group = np.empty(len(self), dtype=np.int64)
        group[order] = np.cumsum(new) - 1
        count, log_gaps = (
            np.bincount(group, weights=sums, minlength=int(new.sum())).astype(np.float64)
            for sums in (self.count, self.log_gaps)
        )
        return Summary(x[new], t_x[new], T[new], count, log_gaps), group

    def _order(self) -> Ints:
        """By x, t_x, T. Whole days, which they are in a shop, make one number to sort by, which is quicker."""
        numbers = np.rint(np.stack([self.x, self.t_x * DAYS_IN_WEEK, self.T * DAYS_IN_WEEK])).astype(np.int64)
        whole = np.allclose(numbers[1] / DAYS_IN_WEEK, self.t_x, 0, 1e-9)
        if not whole or not np.allclose(numbers[2] / DAYS_IN_WEEK, self.T, 0, 1e-9) or np.any(numbers >> DIGITS):
            return np.lexsort((self.T, self.t_x, self.x))
        return np.argsort((numbers[0] << 2 * DIGITS) + (numbers[1] << DIGITS) + numbers[2], kind="stable")

    def thinned(self, every: int) -> Summary:
        """Each n-th row: a start for fitting many rows."""
        kept = slice(None, None, every)
        return Summary(self.x[kept], self.t_x[kept], self.T[kept], self.count[kept], self.log_gaps[kept])

    def _check(self) -> None:
        if not np.all((self.x >= 0) & (self.t_x >= 0) & (self.t_x <= self.T)):
            raise ValueError("A history needs x >= 0 and 0 <= t_x <= T.")
        if not (np.all(np.isfinite(self.T)) and np.all(np.isfinite(self.x))):
            raise ValueError("A history needs finite numbers.")


def first_rows(customer: Ints) -> Ints:
    """The row at which each customer begins; customer sorted, shape (rows,)."""
    return np.flatnonzero(np.diff(customer, prepend=customer[:1] - 1))


def gaps_between(customer: Ints, day: Ints) -> Ints:
    """Days between neighbouring purchase days of the same customer, in order."""
    return np.diff(day)[np.diff(customer) == 0]


def _sorted_days(customer: ArrayLike, day: ArrayLike, as_of: int) -> tuple[Ints, Ints]:
    customer = np.asarray(customer, dtype=np.int64)
    day = np.asarray(day, dtype=np.int64)
    step = np.diff(customer)
    if np.any(step < 0) or np.any((step == 0) & (np.diff(day) <= 0)):
        raise ValueError("Purchase days must be sorted by customer and day, each day once.")
    if customer.size and (customer[0] != 0 or np.any(step > 1)):
        raise ValueError("Customers must be numbered 0, 1, 2 … without a hole.")
    if np.any(day > as_of):
        raise ValueError("A purchase day lies after the day of the figures.")
    return customer, day
