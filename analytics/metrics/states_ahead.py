"""How many customers are in each state on the days to come, if nobody buys: counted while their figures pass by."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.scoring.scoring import FAR

AHEAD = 15  # days for which the lists of the page At risk are counted beforehand
NAMES = ("likely_lost", "at_risk", "overdue", "second_due")

Ints = NDArray[np.int64]


class StatesAhead:
    """Customers in each state and thousandths at stake, on the day of the figures and those after it."""

    def __init__(self, as_of: int, second_lasts: int) -> None:
        self.as_of, self.second_lasts = as_of, second_lasts
        self.counted = {name: np.zeros((AHEAD, 2), dtype=np.int64) for name in NAMES}

    def of(self, parts: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Columns of figures, passed on as they are."""
        for columns in parts:
            self._add(columns)
            yield columns

    def as_dict(self) -> dict[str, dict[str, list[int]]]:
        days = [date.fromordinal(self.as_of + ahead).isoformat() for ahead in range(AHEAD)]
        return {day: {name: self.counted[name][ahead].tolist() for name in NAMES} for ahead, day in enumerate(days)}

    def _add(self, columns: dict[str, Any]) -> None:
        lost, at_risk, overdue, second = (
            np.where(columns[f"{name}_on"] > 0, columns[f"{name}_on"], FAR).astype(np.int64) for name in NAMES
        )
        at_stake = np.nan_to_num(columns["at_stake"])
        until = (FAR, lost, np.minimum(lost, at_risk), second + self.second_lasts + 1)
        for name, begin, end in zip(NAMES, (lost, at_risk, overdue, second), until, strict=True):
            self.counted[name] += self._each_day(begin, end, at_stake)

    def _each_day(self, begin: Ints, end: Any, at_stake: Any) -> Ints:
        """On each of the days, those for whom it lies between their two days: how many, and what they add up to."""
        first, last = (np.clip(day - self.as_of, 0, AHEAD) for day in np.broadcast_arrays(begin, end))
        inside = np.flatnonzero(first < last)
        first, last, at_stake = first[inside], last[inside], at_stake[inside]

        def on(weights: Any) -> Any:
            came, went = (np.bincount(day, weights=weights, minlength=AHEAD + 1) for day in (first, last))
            return np.cumsum(came - went)[:AHEAD].astype(np.int64)

        return np.stack([on(None), on(at_stake)], axis=1)
