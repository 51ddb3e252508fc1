"""Every figure of a choice: value, interval, n, what it was in the other period, and the verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.metrics.sums import Moved, Sums
from analytics.metrics.table import BY_NAME, METRICS, Measured, Metric
from analytics.models import PeriodFigure
from analytics.reports.choice import Choice
from shop import formats
from shop.charts import Tile, Whisker
from shop.currency import currency_in_force
from shop.intervals import FEW, Interval

TILES = ("retention", "churn", "reactivation", "repeat_90", "nrr")


@dataclass(frozen=True)
class Figure:
    """now: None when nobody can be measured; `not_yet` then says why. change: None without a period beside it."""

    metric: Metric
    now: Measured | None
    before: Measured | None
    change: Interval | None
    not_yet: str
    first_day: Any
    url: str

    @property
    def name(self) -> Any:
        return self.metric.label

    def say(self, value: float) -> str:
        return written(self.metric, value)

    @property
    def value(self) -> str:
        return self.say(self.now.value) if self.now else ""

    @property
    def beside(self) -> str:
        """The second number some figures have."""
        if self.now is None:
            return ""
        name, number = self.metric.name, self.now.beside
        if name in ("churn", "reactivation") and self.now.hits is not None:
            return _("n %(n)s") % {"n": formats.number(self.now.hits)}
        if number is None:
            return ""
        if name == "average_order":
            return _("median %(money)s") % {"money": self.say(number)}
        return _("n %(n)s") % {"n": formats.number(number)}

    @property
    def between(self) -> str:
        if self.now is None or not isfinite(self.now.interval.low):
            return ""
        return _between(self.say(self.now.interval.low), self.say(self.now.interval.high))

    @property
    def n(self) -> int | None:
        return self.now.n if self.now else None

    @property
    def is_few(self) -> bool:
        return self.now is not None and self.now.n < FEW

    @property
    def was(self) -> str:
        return self.say(self.before.value) if self.before else ""

    @property
    def verdict(self) -> str:
        """up, down, cannot_tell, or nothing to compare with."""
        known = self.change is not None and isfinite(self.change.low) and isfinite(self.change.high)
        return self.change.verdict() if self.change and known else ""

    @property
    def verdict_words(self) -> str:
        if not self.verdict or self.change is None:
            return ""
        if self.verdict == "cannot_tell":
            return _("Cannot tell")
        points = self.metric.unit in ("percent", "points")
        scale, digits = (100, 1) if self.metric.unit == "percent" else (1, self.metric.digits)
        by = formats.number(abs(self.change.value) * scale, digits) if points else self.say(abs(self.change.value))
        if points:
            words = _("Up %(points)s points") if self.verdict == "up" else _("Down %(points)s points")
            return words % {"points": by}
        return (_("Up %(by)s") if self.verdict == "up" else _("Down %(by)s")) % {"by": by}

    @property
    def tone(self) -> str:
        if self.verdict not in ("up", "down") or not self.metric.good:
            return ""
        return "good" if self.verdict == self.metric.good else "bad"

    @property
    def difference(self) -> str:
        if not self.verdict or self.change is None:
            return ""
        if self.metric.unit == "percent":
            low, high = (formats.number(bound * 100, 1) for bound in (self.change.low, self.change.high))
            return _between(low, high)
        return _between(self.say(self.change.low), self.say(self.change.high))

    def tile(self) -> Tile:
        if self.now is None:
            first = formats.day(self.first_day) if self.first_day else ""
            verdict = _("first figure on %(day)s") % {"day": first} if first else ""
            return Tile(self.name, _("not yet"), range=self.not_yet, verdict=verdict, is_small=True)
        n = {"range": self.between, "n": formats.number(self.now.n)}
        return Tile(
            name=self.name,
            value=self.value,
            aside=self.beside,
            whisker=self._whisker(),
            range=(_("%(range)s · n %(n)s") if self.between else _("n %(n)s")) % n,
            verdict=self.verdict_words,
            tone=self.tone,
            change=self.difference,
            url=self.url,
            is_small=self.is_few,
        )

    def _whisker(self) -> Whisker | None:
        """The two intervals on a scale of their own: the verdict is about their difference."""
        now = self.now.interval if self.now else None
        if now is None or not isfinite(now.low):
            return None
        past = self.before.interval if self.before and isfinite(self.before.interval.low) else None
        bounds = [(now.low, now.high)] + ([(past.low, past.high)] if past else [])
        return Whisker(now.value, now.low, now.high, Whisker.around(*bounds), (past.low, past.high) if past else None)


def written(metric: Metric, value: float) -> str:
    if metric.unit == "percent":
        return formats.percent(value, metric.digits)
    if metric.unit == "money":
        return formats.money(round(value, 3), currency_in_force(), whole=metric.digits == 0)
    if metric.unit == "points":
        return formats.signed(value, metric.digits)
    text = formats.number(value, metric.digits)
    return _("%(n)s times") % {"n": text} if metric.unit == "times" else text


def sums_of(choice: Choice) -> tuple[Sums, Sums | None]:
    """Of the period, and of the one beside it. Of an old version only what was published is left."""
    other = choice.other
    if not choice.generation.is_current:
        return _published(choice, choice.span), _published(choice, other) if other else None
    spans = [choice.span, *([other] if other else [])]
    found = asking.sums(choice.generation, [Question(span, choice.group) for span in spans])
    return found[0], found[1] if other else None


def _published(choice: Choice, span: Any) -> Sums:
    rows = choice.generation.periods.filter(month=span.first, last_day=span.last)
    moved = {row.mode: _moved(row) for row in rows}
    return Sums(window=moved.get("window", Moved()), bought=moved.get("monthly", Moved()))


def _moved(row: PeriodFigure) -> Moved:
    names = ("start", "end", "new", "kept", "returned", "first_seen", "tried_and_left", "lapsed")
    return Moved(*(getattr(row, name) for name in names))


def all_of(choice: Choice, found: tuple[Sums, Sums | None], names: Any = None) -> list[Figure]:
    metrics = METRICS if names is None else [BY_NAME[name] for name in names]
    if not choice.generation.is_current:
        metrics = [metric for metric in metrics if metric.by_mode]
    return [_figure(metric, choice, found) for metric in metrics]


def _figure(metric: Metric, choice: Choice, found: tuple[Sums, Sums | None]) -> Figure:
    now, first_day = _measured(metric, choice, choice.span, found[0])
    before = None
    if metric.compared and choice.other and found[1] is not None:
        before, _day = _measured(metric, choice, choice.other, found[1])
    change = metric.change(now, before) if now and before else None
    not_yet = "" if now else _why_not(metric, first_day)
    url = _behind(metric, choice, found[0]) if now else ""
    return Figure(metric, now, before, change, not_yet, first_day, url)


def _behind(metric: Metric, choice: Choice, sums: Sums) -> str:
    """The answers behind a score, where they are everybody's; else the customers behind the figure."""
    survey = sums.said.get(metric.kind, {}).get("survey") if metric.kind else None
    if survey is None or not choice.group.is_everybody:
        return choice.behind(metric.who)
    asked = {"survey": survey, "from": choice.span.first.isoformat(), "to": choice.span.last.isoformat()}
    return f"{reverse('feedback:answers')}?{urlencode(asked)}"


def _measured(metric: Metric, choice: Choice, span: Any, sums: Sums) -> tuple[Measured | None, Any]:
    first_day = metric.first_day(choice.generation, choice.mode, span)
    return (None, first_day) if first_day else (metric.make(sums, choice.mode), None)


def _why_not(metric: Metric, first_day: Any) -> str:
    if metric.kind:
        return _("too few answers")
    if not first_day:
        return _("nobody to measure")
    if metric.name in ("nrr", "grr", "revenue_lost", "revenue_shrunk"):
        return _("needs two equal seasons")
    return _("the records do not reach far enough")


def _between(low: str, high: str) -> str:
    return _("%(low)s to %(high)s") % {"low": low, "high": high}
