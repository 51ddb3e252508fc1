"""What customers with an e-mail are worth, set beside those without who came in the same months.

Each month's mean without an e-mail is weighed by its customers with one, so that older customers, who had more time
to spend, count alike on both sides. Nobody was drawn by lot to leave an address: this is no experiment.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.purchases.local_days import month_numbers
from shop.intervals import Z

Sums = dict[tuple[int, bool], NDArray[np.float64]]  # month, with an e-mail → customers, Σ, Σ²
FEWEST = 2  # of a month on either side: one alone says nothing about how they differ


@dataclass(frozen=True)
class Cohorts:
    sums: Sums

    @classmethod
    def of(cls, first: Any, worth: Any, known: Any) -> Cohorts:
        found: Sums = {}
        if not first.size:
            return cls(found)
        month = month_numbers(first)
        low, size = int(month.min()), int(month.max() - month.min()) + 1
        for side in (True, False):
            which = month[known == side] - low
            spent = worth[known == side]
            weights = (np.ones(spent.size), spent, spent**2)
            sums = np.stack([np.bincount(which, weights=one, minlength=size) for one in weights]).astype(np.float64)
            found |= {(low + int(i), side): sums[:, i] for i in np.flatnonzero(sums[0])}
        return cls(found)

    def __add__(self, other: Cohorts) -> Cohorts:
        keys = {*self.sums, *other.sums}
        return Cohorts({key: self.sums.get(key, np.zeros(3)) + other.sums.get(key, np.zeros(3)) for key in keys})

    def compared(self) -> list[float] | None:
        """[ratio, low, high, customers with, without]; None: no month has enough on both sides."""
        both = [
            (self.sums[month, True], self.sums[month, False])
            for month in sorted({month for month, _side in self.sums})
            if min(self.sums.get((month, side), (0,))[0] for side in (True, False)) >= FEWEST
        ]
        weights = np.array([having[0] for having, _without in both])
        if not both or weights.sum() == 0:
            return None
        sides = [_weighed(np.array([pair[side] for pair in both]), weights / weights.sum()) for side in (0, 1)]
        n = [int(sum(pair[side][0] for pair in both)) for side in (0, 1)]
        (with_, variance), (without, variance0) = sides
        if with_ <= 0 or without <= 0:
            return None
        half = Z * sqrt(variance / with_**2 + variance0 / without**2)
        value = log(with_ / without)
        return [exp(value), exp(value - half), exp(value + half), *map(float, n)]


def _weighed(sums: Any, weights: Any) -> tuple[float, float]:
    """The mean of the months' means, and its variance."""
    n, total, squares = sums.T
    mean = total / n
    spread = np.maximum(squares - n * mean**2, 0) / (n - 1)
    return float(weights @ mean), float(weights**2 @ (spread / n))
