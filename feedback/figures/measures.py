"""What the score of a survey is, how sure it is, and what two of them say about each other.

The score shown is the plain one. Its interval: of NPS adjusted Wald with three answers more, ¾ promoter, 1½ passive,
¾ detractor (Rocks 2016); of a share Wilson; of a mean t.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, nan, sqrt
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from feedback.surveys.kinds import SCALES, Band, Kind, Scale
from shop import formats
from shop.intervals import Interval, Z, difference_of_shares, share

FEWEST = 10  # with fewer answers they are shown instead of a number
HIDDEN_UNDER = 5  # answers without a name in a group this small are left out of it
ADDED = {Band.HIGH: 0.75, Band.MIDDLE: 1.5, Band.LOW: 0.75}


@dataclass(frozen=True)
class Scores:
    """How many answers gave which score; `silent` gave none."""

    counts: Mapping[int, int] = field(default_factory=dict)
    silent: int = 0

    @cached_property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def answers(self) -> int:
        return self.n + self.silent

    def within(self, scale: Scale, band: Band) -> int:
        return sum(n for score, n in self.counts.items() if scale.band(score) == band)

    @cached_property
    def mean(self) -> float:
        return sum(score * n for score, n in self.counts.items()) / self.n if self.n else nan

    @cached_property
    def variance(self) -> float:
        """Of one answer, as n − 1 of them tell it."""
        if self.n < 2:
            return nan
        return sum(n * (score - self.mean) ** 2 for score, n in self.counts.items()) / (self.n - 1)

    def __add__(self, other: "Scores") -> "Scores":
        keys = {*self.counts, *other.counts}
        counts = {key: self.counts.get(key, 0) + other.counts.get(key, 0) for key in keys}
        return Scores(counts, self.silent + other.silent)

    def __sub__(self, other: "Scores") -> "Scores":
        counts = {key: n - other.counts.get(key, 0) for key, n in self.counts.items()}
        return Scores(counts, self.silent - other.silent)


class Measure(Protocol):
    """What is made of the scores of one kind of survey. `unit` and `digits`: how a value is written."""

    @property
    def name(self) -> object: ...
    @property
    def unit(self) -> str: ...
    @property
    def digits(self) -> int: ...

    def of(self, scores: Scores) -> Interval: ...

    def change(self, now: Scores, before: Scores) -> Interval: ...

    def say(self, value: float) -> str: ...

    def say_change(self, value: float) -> str: ...


class NetPromoters:
    """% of 9–10 minus % of 0–6, from −100 to 100."""

    name = "NPS"
    unit, digits = "points", 0

    def of(self, scores: Scores) -> Interval:
        if not scores.n:
            return Interval(nan, -100.0, 100.0)
        middle, variance = self._adjusted(scores)
        half = Z * sqrt(variance)
        return Interval(self._plain(scores), max(100 * (middle - half), -100.0), min(100 * (middle + half), 100.0))

    def change(self, now: Scores, before: Scores) -> Interval:
        if not now.n or not before.n:
            return Interval(nan, -200.0, 200.0)
        (middle, variance), (middle0, variance0) = self._adjusted(now), self._adjusted(before)
        between, half = middle - middle0, Z * sqrt(variance + variance0)
        value = self._plain(now) - self._plain(before)
        return Interval(value, 100 * (between - half), 100 * (between + half))

    @staticmethod
    def _plain(scores: Scores) -> float:
        scale = SCALES[Kind.NPS]
        return 100 * (scores.within(scale, Band.HIGH) - scores.within(scale, Band.LOW)) / scores.n

    @staticmethod
    def _adjusted(scores: Scores) -> tuple[float, float]:
        """The score and the variance of it, with three answers more."""
        scale, n = SCALES[Kind.NPS], scores.n + sum(ADDED.values())
        p = (scores.within(scale, Band.HIGH) + ADDED[Band.HIGH]) / n
        d = (scores.within(scale, Band.LOW) + ADDED[Band.LOW]) / n
        return p - d, (p + d - (p - d) ** 2) / n

    def say(self, value: float) -> str:
        return formats.signed(value)

    say_change = say


class Satisfied:
    """The share of 4 and 5."""

    name = "CSAT"
    unit, digits = "percent", 1

    def of(self, scores: Scores) -> Interval:
        return share(self._high(scores), scores.n)

    def change(self, now: Scores, before: Scores) -> Interval:
        return difference_of_shares(self._high(now), now.n, self._high(before), before.n)

    @staticmethod
    def _high(scores: Scores) -> int:
        return scores.within(SCALES[Kind.CSAT], Band.HIGH)

    def say(self, value: float) -> str:
        return formats.percent(value, 1)

    def say_change(self, value: float) -> str:
        return formats.signed(100 * value, 1)


@dataclass(frozen=True)
class Mean:
    """The mean of a scale, with Student's t; CES and scales of one's own."""

    lowest: int
    highest: int
    name: object = _("Mean")
    unit: str = "number"
    digits: int = 1

    def of(self, scores: Scores) -> Interval:
        if scores.n < 2:
            return Interval(scores.mean, float(self.lowest), float(self.highest))
        half = _t(scores.n - 1) * sqrt(scores.variance / scores.n)
        return Interval(scores.mean, max(scores.mean - half, self.lowest), min(scores.mean + half, self.highest))

    def change(self, now: Scores, before: Scores) -> Interval:
        """Welch: the two need not vary alike."""
        widest = float(self.highest - self.lowest)
        if now.n < 2 or before.n < 2:
            return Interval(now.mean - before.mean, -widest, widest)
        parts = [(one.variance / one.n, one.n - 1) for one in (now, before)]
        total = sum(part for part, _n in parts)
        weight = sum(part**2 / n for part, n in parts)
        half = _t(total**2 / weight if weight else inf) * sqrt(total)
        value = now.mean - before.mean
        return Interval(value, value - half, value + half)

    def say(self, value: float) -> str:
        return formats.number(value, self.digits)

    def say_change(self, value: float) -> str:
        return formats.signed(value, self.digits)


def _t(freedom: float) -> float:
    """Student's t, of which 2.5 % lie above."""
    from scipy.special import stdtrit  # a second and 80 MB, which only who looks at figures pays for

    return float(stdtrit(freedom, 0.975))


MEASURES: dict[str, Measure] = {
    Kind.NPS: NetPromoters(),
    Kind.CSAT: Satisfied(),
    Kind.CES: Mean(SCALES[Kind.CES].lowest, SCALES[Kind.CES].highest, name="CES"),
}
