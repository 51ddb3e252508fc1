"""How good a forecast was: its probabilities of silence and its numbers of purchases against what came."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shop.intervals import Interval, Z, wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TENTHS = 10


@dataclass(frozen=True)
class Tenth:
    """Customers with like forecasts: what was said of them on average, and how many stayed away."""

    n: int
    low: float
    high: float
    said: float
    silent: int
    share_low: float
    share_high: float

    @property
    def share(self) -> float:
        return self.silent / self.n

    def as_dict(self) -> dict[str, Any]:
        return {name: round(value, 6) for name, value in asdict(self).items()}


def tenths(chance: Floats, silent: Flags) -> list[Tenth]:
    """By the rank of the forecast, equal ones together, so that each has about a tenth of the customers."""
    order = np.argsort(chance, kind="stable")
    ranked = chance[order]
    borders = {0, chance.size}
    for part in range(1, TENTHS):
        borders.add(int(np.searchsorted(ranked, ranked[min(part * chance.size // TENTHS, chance.size - 1)])))
    places = sorted(borders)
    return [_tenth(ranked[a:b], silent[order[a:b]]) for a, b in pairwise(places)]


def _tenth(chance: Floats, silent: Flags) -> Tenth:
    k, n = int(silent.sum()), chance.size
    low, high = (float(bound) for bound in wilson(k, n))
    return Tenth(n, float(chance[0]), float(chance[-1]), float(chance.mean()), k, low, high)


def calibration_error(parts: list[Tenth]) -> float:
    """How far forecast and outcome lie apart, on average over the customers."""
    n = sum(part.n for part in parts)
    return sum(part.n * abs(part.said - part.share) for part in parts) / n


def brier(chance: Floats, silent: Flags) -> Interval:
    """Mean squared distance of forecast and outcome; 0 is perfect."""
    return _mean((chance - silent) ** 2)


def brier_gain(chance: Floats, silent: Flags) -> Interval:
    """How much nearer the forecast is than telling everybody the share that stayed away."""
    return _mean((silent.mean() - silent) ** 2 - (chance - silent) ** 2)


def _mean(values: Floats) -> Interval:
    value = float(values.mean())
    half = Z * float(values.std(ddof=1)) / np.sqrt(values.size) if values.size > 1 else float("nan")
    return Interval(value, float(value - half), float(value + half))


def auc(score: Floats, silent: Flags) -> Interval:
    """The chance that one who stayed away scores higher than one who came back (DeLong 1988); NaN without either."""
    away, back = score[silent], score[~silent]
    if not away.size or not back.size:
        return Interval(float("nan"), float("nan"), float("nan"))
    ranks = _ranks(score)
    above = (ranks[silent] - _ranks(away)) / back.size
    below = 1 - (ranks[~silent] - _ranks(back)) / away.size
    value = float(above.mean())
    noise = sum(float(part.var(ddof=1)) / part.size for part in (above, below) if part.size > 1)
    half = Z * float(np.sqrt(noise))
    return Interval(value, max(value - half, 0.0), min(value + half, 1.0))


def _ranks(values: Floats) -> Floats:
    """From 1 on; equal ones share the middle of their places."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def root_mean_square(expected: Floats, bought: Floats) -> float:
    return float(np.sqrt(np.mean((expected - bought) ** 2)))


def deviance(expected: Floats, bought: Floats) -> float:
    """Mean Poisson deviance."""
    expected = np.maximum(expected, 1e-9)
    surprise = np.where(bought > 0, bought * np.log(np.where(bought > 0, bought, 1) / expected), 0.0)
    return float(2 * np.mean(surprise - (bought - expected)))
