"""What a figure is made of: a value with its interval, and a metric with the one way to make it of a period's sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.metrics import said
from analytics.metrics.spans import Span
from analytics.metrics.sums import Moved, Ratio, Sums
from analytics.models import Generation
from feedback.figures.measures import FEWEST, MEASURES, Scores
from shop.intervals import Interval, difference_of_ratios, difference_of_shares, share

WINDOW, MONTHLY = "window", "monthly"  # the two declared modes of active, as PeriodFigure.Mode


@dataclass(frozen=True)
class Measured:
    """A value with its 95% interval, of n customers; `hits` of them when it is a share; `beside`: a second number.

    `scores`: the answers it was made of.
    """

    interval: Interval
    n: int
    hits: int | None = None
    beside: float | None = None
    scores: Scores | None = None

    @property
    def value(self) -> float:
        return self.interval.value


Made = Callable[[Sums, str], Measured | None]
Begins = Callable[[Generation, str], date]


@dataclass(frozen=True)
class Metric:
    """`says`: the definition, as it is shown. unit: percent, money, number, points or times. good: up, down or "".

    `make`: from the sums of a period, in a mode; None: nobody to measure. `begins`: the first day a period may end
    (or, with `at_start`, begin) for the figure to mean anything. `who`: the list of customers behind it.
    `compared`: two periods are of different customers or purchases, so that their difference has an interval.
    """

    name: str
    label: Any
    says: Any
    unit: str
    make: Made
    digits: int = 1
    good: str = ""
    begins: Begins | None = None
    at_start: bool = False
    who: str = field(kw_only=True)
    compared: bool = True
    by_mode: bool = False
    kind: str = ""  # of survey

    def first_day(self, generation: Generation, mode: str, span: Span) -> date | None:
        """The day from which there is a figure, when the period is too early for one."""
        if self.begins is None or generation.history_from is None:
            return None
        begins = self.begins(generation, mode)
        return begins if (span.first if self.at_start else span.last) < begins else None

    def change(self, now: Measured, before: Measured) -> Interval:
        if now.scores is not None and before.scores is not None:
            return MEASURES[self.kind].change(now.scores, before.scores)
        if now.hits is not None and before.hits is not None:
            return difference_of_shares(now.hits, now.n, before.hits, before.n)
        return difference_of_ratios(now.interval, before.interval)


def moved_of(sums: Sums, mode: str) -> Moved:
    return sums.bought if mode == MONTHLY else sums.window


def share_of(k: int, n: int) -> Measured | None:
    return Measured(share(k, n), n, k) if n else None


def ratio_of(found: Ratio, beside: float | None = None) -> Measured | None:
    return Measured(found.interval, found.n, beside=beside) if found.n and found.x else None


def of_start(hits: Callable[[Moved], int]) -> Made:
    """A share of those active at the start."""

    def make(sums: Sums, mode: str) -> Measured | None:
        moved = moved_of(sums, mode)
        return share_of(hits(moved), moved.start)

    return make


def classic(sums: Sums, mode: str) -> Measured | None:
    """Not a share: it can exceed 100%. Its interval is that of the strict rate, moved by the returners."""
    moved = moved_of(sums, mode)
    if not moved.start:
        return None
    added = moved.returned / moved.start
    kept = share(moved.kept, moved.start)
    return Measured(Interval(kept.value + added, kept.low + added, kept.high + added), moved.start)


def reactivated(sums: Sums, mode: str) -> Measured | None:
    moved = moved_of(sums, mode)
    return share_of(moved.returned, moved.lapsed)


def again_within(days: int) -> Made:
    return lambda sums, mode: share_of(*sums.again[str(days)])


def by_email(sums: Sums, mode: str) -> Measured | None:
    if sums.email is None:
        return None
    value, low, high, having, without = sums.email
    return Measured(Interval(value, low, high), int(having + without), beside=having)


def counted(value: Callable[[Sums, str], float], n: Callable[[Sums, str], int]) -> Made:
    """A sum has no interval: everything is counted."""

    def make(sums: Sums, mode: str) -> Measured | None:
        found = value(sums, mode)
        return Measured(Interval(found, float("nan"), float("nan")), n(sums, mode))

    return make


def _of_scores(kind: str) -> Made:
    def make(sums: Sums, mode: str) -> Measured | None:
        found = said.scores(sums.said, kind)
        if found.n < FEWEST:
            return None
        return Measured(MEASURES[kind].of(found), found.n, scores=found)

    return make


def scored(kind: str, label: Any, says: Any, unit: str, digits: int) -> Metric:
    return Metric(kind, label, says, unit, _of_scores(kind), digits=digits, good="up", kind=kind, who=kind)


# ---- From when on a figure means something -----------------------------------------------------------------------


def lapsing(generation: Generation, mode: str) -> date:
    """Before A days of history nobody can have lapsed; month on month needs a period before."""
    assert generation.history_from
    return generation.history_from + timedelta(days=generation.active_days if mode == WINDOW else 1)


def two_seasons(generation: Generation, mode: str) -> date:
    began = generation.history_from
    assert began
    leap = timedelta(days=1)
    return date(began.year + 2, began.month, min(began.day, 28)) - leap


def known_for(days: int) -> Begins:
    def begins(generation: Generation, mode: str) -> date:
        assert generation.history_from
        return generation.history_from + timedelta(days=generation.active_days + days)

    return begins


def kept_of_start(name: str, label: Any, says: Any, hits: Callable[[Moved], int], good: str, who: str) -> Metric:
    return Metric(
        name, label, says, "percent", of_start(hits), good=good, begins=lapsing, at_start=True, who=who, by_mode=True
    )


def repeat(days: int) -> Metric:
    return Metric(
        f"repeat_{days}",
        _again_label(days),
        _(
            "Of the customers whose first purchase was so many days before a day of the period, the share that bought "
            "again within them. Who was known before the records begin is left out."
        ),
        "percent",
        again_within(days),
        good="up",
        begins=known_for(days),
        who=f"again_{days}",
    )


def _again_label(days: int) -> Any:
    return {
        30: _("Second order within 30 days"),
        60: _("Second order within 60 days"),
        90: _("Second order within 90 days"),
        180: _("Second order within 180 days"),
        365: _("Second order within 365 days"),
    }[days]
