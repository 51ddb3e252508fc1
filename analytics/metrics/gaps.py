"""After how many days customers come back, every customer with weight 1.

Weighted Kaplan–Meier of Wang & Chang 1999: a customer's completed gaps share the
weight; the open gap counts, censored, only when there is no completed one.
Pooling all gaps instead would be biased short by frequent buyers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.purchases.reading import blocks
from shop.intervals import Z

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARE_BACK = 0.9
SHORTEST_WINDOW, LONGEST_WINDOW, DEFAULT_WINDOW = 30, 365, 180
FEWEST_GAPS = 200


@dataclass(frozen=True)
class GapCurve:
    """back[d]: share of customers back within d days, d = 0 … the longest gap seen.

    at_risk[d]: weight of the customers still waiting just before d days; completed:
    number of completed gaps; customers: the total weight.
    """

    back: Floats
    at_risk: Floats
    completed: int
    customers: int

    @property
    def ever(self) -> float:
        """F(t_max): the share who came back within the time that can be seen."""
        return float(self.back[-1]) if self.back.size else 0.0

    def day_by_which(self, share: float) -> int | None:
        """First day by which `share` of all customers had come back, or None."""
        reached = np.flatnonzero(self.back >= share - 1e-12)
        return int(reached[0]) if reached.size else None

    def band(self) -> tuple[Floats, Floats]:
        """95% limits of `back`: Greenwood's variance on the log(−log) scale (Kalbfleisch and Prentice 1980).

        The weight still waiting stands for the number of customers, whose gaps are not independent of each other.
        """
        stay = np.clip(1.0 - self.back, 1e-12, 1.0)
        before = np.append(1.0, stay[:-1])[: stay.size]
        left = np.maximum(self.at_risk * stay / before, 1e-9)
        variance = np.cumsum((1.0 - stay / before) / left)
        log_stay = np.minimum(np.log(stay), -1e-12)
        bend = np.exp(np.clip(Z * np.sqrt(variance) / np.abs(log_stay), 0.0, 50.0))
        return 1.0 - np.exp(log_stay / bend), 1.0 - np.exp(log_stay * bend)

    def proposed_window(self) -> int:
        """A in days: by when 90% of those who ever came back had come back."""
        if self.completed < FEWEST_GAPS:
            return DEFAULT_WINDOW
        day = self.day_by_which(SHARE_BACK * self.ever)
        return int(np.clip(day or 0, SHORTEST_WINDOW, LONGEST_WINDOW))

    def as_dict(self) -> dict[str, Any]:
        return {
            "back": [round(float(v), 9) for v in self.back],
            "at_risk": [round(float(v), 6) for v in self.at_risk],
            "completed": self.completed,
            "customers": self.customers,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        return cls(
            np.asarray(stored["back"]),
            np.asarray(stored["at_risk"]),
            stored["completed"],
            stored["customers"],
        )


def gap_curve(customer: ArrayLike, day: ArrayLike, as_of: int) -> GapCurve:
    """All gaps, each customer with weight 1.

    customer, day: purchase days sorted by customer, then day, shape (rows,).
    """
    customer, day = np.asarray(customer), np.asarray(day)
    if not customer.size:
        return _curve(np.zeros(0), np.zeros(0, dtype=np.int64), 0, 0)
    longest = as_of - int(day.min())
    parts = [_gaps(customer[rows], day[rows], as_of, longest + 1) for rows in blocks(customer)]
    ended, waiting, completed, customers = (np.sum(counts, axis=0) for counts in zip(*parts, strict=True))
    return _curve(ended, waiting, int(completed), int(customers))


def _gaps(customer: Any, day: Any, as_of: int, days: int) -> tuple[Floats, Ints, int, int]:
    """Of some customers: the weight that came back after 0 … days - 1, who wait so long, how many gaps, how many."""
    same = customer[1:] == customer[:-1]
    starts = np.flatnonzero(np.append(True, ~same))
    size = np.diff(starts, append=customer.size)
    gaps = (day[1:] - day[:-1])[same]
    weights = np.repeat(1.0 / np.maximum(size - 1, 1), size - 1)
    waiting = as_of - day[starts[size == 1]]
    ended = np.bincount(gaps, weights=weights, minlength=days).astype(np.float64)
    return ended, np.bincount(waiting, minlength=days), gaps.size, starts.size


def second_purchase_curve(first: ArrayLike, second: ArrayLike, as_of: int) -> GapCurve:
    """First purchase to second; who has not bought again is censored today.

    first, second: a day for each customer, shape (n,); second after as_of where there is none.
    """
    first, second = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    again = second <= as_of
    gaps = (second - first)[again]
    waiting = as_of - first[~again]
    days = int(max(gaps.max(initial=0), waiting.max(initial=0))) + 1
    ended, open_gaps = np.bincount(gaps, minlength=days), np.bincount(waiting, minlength=days)
    return _curve(ended.astype(np.float64), open_gaps, gaps.size, first.size)


def _curve(ended: Floats, waiting: Ints, completed: int, customers: int) -> GapCurve:
    """Kaplan–Meier in whole days, of the weights that end after each number of them and of who waits so long.

    A gap that ends on a day was at risk on it.
    """
    if not customers:
        return GapCurve(np.zeros(0), np.zeros(0), 0, 0)
    last = int(np.flatnonzero(ended + waiting).max(initial=0))
    ended, left = ended[: last + 1], (ended + waiting)[: last + 1]
    at_risk = np.asarray(np.cumsum(left[::-1])[::-1], dtype=np.float64)
    hazard = np.divide(ended, at_risk, out=np.zeros(last + 1), where=at_risk > 1e-9)
    back = np.asarray(1.0 - np.cumprod(1.0 - np.clip(hazard, 0.0, 1.0)), dtype=np.float64)
    return GapCurve(back, at_risk, completed, customers)
