"""Recency, frequency and money in five classes each, and the name of the pair R, F.

Borders are kept with the figures they came from, so that one customer scored
today gets what the whole shop's run would have given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Scores = NDArray[np.int8]

F_BORDERS = (2, 3, 5, 10)  # orders from which F is 2, 3, 4, 5

NAMES = (
    "new",
    "promising",
    "potential_loyal",
    "champion",
    "loyal",
    "needs_attention",
    "about_to_sleep",
    "drifting",
    "cannot_lose",
    "hibernating",
    "long_gone",
)

_TABLE = {  # R → names for F1 … F5
    5: ("new", "potential_loyal", "potential_loyal", "champion", "champion"),
    4: ("promising", "potential_loyal", "potential_loyal", "champion", "champion"),
    3: ("about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "drifting", "drifting", "cannot_lose"),
    1: ("long_gone", "long_gone", "drifting", "drifting", "cannot_lose"),
}
_INDEX = np.array([[NAMES.index(name) for name in _TABLE[r]] for r in range(1, 6)], dtype=np.int8)


@dataclass(frozen=True)
class Borders:
    """days: longest days since last order for R5, R4, R3, R2; spend: highest net
    spend for M1 … M4. Both ascending; equal values are never parted."""

    days: tuple[float, ...]
    spend: tuple[float, ...]

    @classmethod
    def of(cls, days_since_last: ArrayLike, spend: ArrayLike) -> Self:
        """Fifths of all buyers, arrays of shape (n,). No buyers: no borders."""
        return cls(_fifths(days_since_last), _fifths(spend))

    def as_dict(self) -> dict[str, Any]:
        return {"days": list(self.days), "spend": list(self.spend)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        return cls(tuple(stored["days"]), tuple(stored["spend"]))

    def recency(self, days_since_last: ArrayLike) -> Scores:
        """R, shape (n,): 5 for the most recent fifth, ties with it."""
        passed = np.searchsorted(self.days, np.asarray(days_since_last), side="left")
        return (5 - passed).astype(np.int8)

    def money(self, spend: ArrayLike) -> Scores:
        """M, shape (n,): 1 for the lowest fifth of spend, ties with it."""
        passed = np.searchsorted(self.spend, np.asarray(spend, dtype=np.float64), side="left")
        return (1 + passed).astype(np.int8)


def frequency(orders: ArrayLike) -> Scores:
    """F, shape (n,): 1 / 2 / 3–4 / 5–9 / 10+ orders; none in the months counted is 1."""
    return (1 + np.searchsorted(F_BORDERS, np.asarray(orders), side="right")).astype(np.int8)


def names(recency: ArrayLike, frequency: ArrayLike) -> Scores:
    """Index into NAMES for scores R and F, shape (n,)."""
    return _INDEX[np.asarray(recency) - 1, np.asarray(frequency) - 1]


def _fifths(values: ArrayLike) -> tuple[float, ...]:
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if not ordered.size:
        return ()
    ranks = np.ceil(np.arange(1, 5) * ordered.size / 5).astype(np.int64) - 1
    return tuple(float(v) for v in ordered[ranks])
