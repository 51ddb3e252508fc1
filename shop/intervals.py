"""How sure a share or a ratio is: 95% intervals, and what two of them say.

Wilson 1927 for shares, Newcombe 1998 (method 10) for the difference of two,
linearisation over customers for ratios. All functions take numbers or arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Verdict = Literal["up", "down", "cannot_tell"]

Z = 1.959963984540054
FEW = 30  # fewer customers than this are drawn grey


@dataclass(frozen=True)
class Interval:
    """value and its 95% interval; NaN where nothing was observed."""

    value: float
    low: float
    high: float

    def verdict(self, unchanged: float = 0.0) -> Verdict:
        """For a difference (or, with unchanged=1, a quotient) of two figures."""
        if self.low > unchanged:
            return "up"
        return "down" if self.high < unchanged else "cannot_tell"


def wilson(hits: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    """Low and high of the share hits/trials; (0, 1) where there were no trials."""
    k, n = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    middle, half = _wilson(k, np.maximum(n, 1.0), np.sqrt)
    low = np.where(k <= 0, 0.0, middle - half)
    high = np.where(k >= n, 1.0, middle + half)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def _wilson(k: Any, n: Any, root: Callable[[Any], Any]) -> tuple[Any, Any]:
    p = k / n
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    return middle, Z * root(p * (1 - p) / n + (Z / (2 * n)) ** 2) / (1 + Z * Z / n)


def share(hits: float, trials: float) -> Interval:
    """Of one: an array for each of the hundreds of cells of a page took a third of it."""
    if not trials:
        return Interval(nan, 0.0, 1.0)
    k, n = float(hits), float(trials)
    middle, half = _wilson(k, n, lambda square: sqrt(max(square, 0.0)))
    return Interval(k / n, 0.0 if k <= 0 else middle - half, 1.0 if k >= n else middle + half)


def difference_of_shares(hits: float, trials: float, hits0: float, trials0: float) -> Interval:
    """Now minus before, of two independent groups, with its interval."""
    if not trials or not trials0:
        return Interval(float("nan"), -1.0, 1.0)
    return difference(share(hits, trials), share(hits0, trials0))


def difference(now: Interval, before: Interval) -> Interval:
    """Of two independent figures, each with limits of its own (MOVER: Zou and Donner 2008)."""
    change = now.value - before.value
    down = np.hypot(now.value - now.low, before.high - before.value)
    up = np.hypot(now.high - now.value, before.value - before.low)
    return Interval(change, float(change - down), float(change + up))


def weighed(parts: Iterable[tuple[float, Interval]]) -> Interval:
    """Σ weight × figure of independent figures, with the interval of such a sum (MOVER)."""
    pairs = list(parts)
    value = sum(weight * one.value for weight, one in pairs)
    down = sqrt(sum((weight * (one.value - one.low)) ** 2 for weight, one in pairs))
    up = sqrt(sum((weight * (one.high - one.value)) ** 2 for weight, one in pairs))
    return Interval(value, value - down, value + up)


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Interval:
    """Σ numerator / Σ denominator over customers, shape (n,).

    One customer's orders are not independent, so the customer is what is drawn.
    """
    y, x = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    total, n = x.sum(), y.size
    if n == 0 or total == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    value = y.sum() / total
    if n == 1:
        return Interval(float(value), float("nan"), float("nan"))
    rest = y - value * x
    half = Z * np.sqrt(n / (n - 1) * (rest @ rest)) / abs(total)
    return Interval(float(value), float(value - half), float(value + half))


def ratio_of_sums(n: float, y: float, x: float, yy: float, xx: float, xy: float) -> Interval:
    """The same out of sums over n customers: of y, of x, of their squares and of their product."""
    if not n or not x:
        return Interval(nan, nan, nan)
    value = y / x
    if n < 2:
        return Interval(value, nan, nan)
    rest = max(yy - 2 * value * xy + value * value * xx, 0.0)
    half = Z * sqrt(n / (n - 1) * rest) / abs(x)
    return Interval(value, value - half, value + half)


def difference_of_ratios(now: Interval, before: Interval) -> Interval:
    """Of two ratios of independent groups."""
    change = now.value - before.value
    half = np.hypot(now.high - now.value, before.high - before.value)
    return Interval(change, float(change - half), float(change + half))
