"""Where things stand: scales with round ticks, and labels that keep out of each other's way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A value from lo to hi stands between `start` and `end`, in pixels; `ticks` are round values between."""

    lo: float
    hi: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()

    def __call__(self, value: float) -> float:
        return self.start + (value - self.lo) / (self.hi - self.lo) * (self.end - self.start)


def round_step(span: float, about: int = 3) -> float:
    """The round number (1, 2, 2.5, 5 × 10^k) that cuts a span into about so many parts."""
    raw = span / about
    power = 10 ** math.floor(math.log10(raw))
    return power * next(nice for nice in (1, 2, 2.5, 5, 10) if nice * power >= raw * 0.999)


def fitted(values: Sequence[float], start: float, end: float, *, from_zero: bool = False) -> Scale:
    """A scale that holds all values with a little air. Starts at zero when the values come near it."""
    lo, hi = min(values, default=0.0), max(values, default=1.0)
    if hi == lo:
        lo, hi = (0.0, hi or 1.0) if hi >= 0 else (lo, 0.0)
    if from_zero or 0 <= lo < hi / 3:
        lo = min(lo, 0.0)
    air = (hi - lo) * 0.06
    lo, hi = (lo if lo == 0 else lo - air), hi + air
    ticks: tuple[float, ...] = ()
    for about in (3, 4, 6, 9):  # one tick or two would not say how steep the line is
        step = round_step(hi - lo, about)
        first, last = math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9)
        ticks = tuple(round(i * step, 10) for i in range(first, last + 1))
        if len(ticks) > 2:
            break
    return Scale(lo, hi, start, end, ticks)


def spread(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Label positions as near as possible to the wanted ones, none over another.

    `wanted` and `heights` are pixels in ascending order of `wanted`; neighbours that collide are pooled and share the
    shift, so that no label moves further than it must.
    """
    blocks: list[list[float]] = []  # sum of (wanted - offset), how many, total height
    for at, height in zip(wanted, heights, strict=True):
        blocks.append([at, 1, height])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] + blocks[-2][2] > blocks[-1][0] / blocks[-1][1]:
            total, count, tall = blocks.pop()
            blocks[-1][0] += total - blocks[-1][2] * count
            blocks[-1][1] += count
            blocks[-1][2] += tall

    places, sizes = [], iter(heights)
    for total, count, tall in blocks:
        y = max(min(total / count, bottom - tall), top)
        for _ in range(int(count)):
            places.append(y)
            y += next(sizes)
    return places


def every(labels: Sequence[str], step: float, letter: float = 6.6) -> int:
    """Every how manieth label fits under the axis when points stand `step` pixels apart."""
    widest = max((len(label) for label in labels), default=1) * letter + 8
    return max(1, math.ceil(widest / step))
