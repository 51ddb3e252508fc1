"""How far a goal is: the way expected to it, what the last complete month says, and whether that is on track."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isfinite
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.metrics import asking, groups
from analytics.metrics.asking import Question
from analytics.metrics.groups import Group
from analytics.metrics.spans import DAY, MONTH, Span
from analytics.metrics.sums import Sums
from analytics.metrics.table import BY_NAME, WINDOW, Measured, Metric
from analytics.models import Generation, Goal
from analytics.reports.figures import written
from crm.facets import Asker
from shop import formats
from shop.charts import Line, LineChart, Point

METRICS = (
    "retention", "churn", "reactivation", "nrr", "grr", "repeat_30", "repeat_60", "repeat_90", "repeat_180",
    "repeat_365", "average_order", "frequency", "referral_rate", "response_rate", "nps", "csat", "ces",
)  # fmt: skip
MONTHS = 24  # drawn at most
TONES = {"met": "good", "on_track": "good", "behind": "bad", "cannot_tell": "warn"}


def state_words(state: str) -> str:
    return {
        "met": _("Reached"),
        "on_track": _("On track"),
        "cannot_tell": _("Below the path, perhaps by chance"),
        "behind": _("Not on track"),
    }.get(state, _("No figure yet"))


def title_of(goal: Goal, whose: str) -> str:
    label = BY_NAME[goal.metric].label
    target = written(BY_NAME[goal.metric], goal.target)
    words = {"what": f"{label} ({whose})" if whose else label, "target": target, "day": formats.day(goal.due_on)}
    return _("%(what)s: %(target)s by %(day)s") % words


@dataclass(frozen=True)
class Progress:
    """sums: of the last complete month. group: None when it is gone, or its maker may no longer see it."""

    goal: Goal
    generation: Generation
    group: Group | None
    span: Span
    sums: Sums | None

    @property
    def metric(self) -> Metric:
        return BY_NAME[self.goal.metric]

    @cached_property
    def now(self) -> Measured | None:
        if self.sums is None or self.metric.first_day(self.generation, WINDOW, self.span):
            return None
        return self.metric.make(self.sums, WINDOW)

    @property
    def expected(self) -> float:
        """On the last day of the month that was measured."""
        return self.goal.expected(self.span.last)

    @property
    def state(self) -> str:
        """met, on_track, cannot_tell, behind; nothing while there is no figure."""
        if self.now is None or self.span.last < self.goal.begins_on:
            return ""
        value, best = self.now.value, self.now.interval.high if self.goal.upwards else self.now.interval.low
        if self.goal.is_met_by(value):
            return "met"
        if self._reaches(value):
            return "on_track"
        return "cannot_tell" if isfinite(best) and self._reaches(best) else "behind"

    def _reaches(self, value: float) -> bool:
        return value >= self.expected if self.goal.upwards else value <= self.expected

    # ---- In words ---------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        whose = "" if self.group is None or self.group.is_everybody else self.group.label
        return title_of(self.goal, whose)

    def say(self, value: float) -> str:
        return written(self.metric, value)

    @property
    def story(self) -> str:
        start = {"value": self.say(self.goal.start_value), "day": formats.day(self.goal.begins_on)}
        begun = _("Started at %(value)s on %(day)s.") % start
        if self.group is None:
            return f"{begun} {_('Its group is gone, so nothing can be measured any more.')}"
        if not self.state or self.now is None:
            return f"{begun} {_('The first complete month after that says how it goes.')}"
        found = {
            "expected": self.say(self.expected),
            "month": self.span.name,
            "value": self.say(self.now.value),
            "low": self.say(self.now.interval.low),
            "high": self.say(self.now.interval.high),
        }
        way = _("The path expects %(expected)s; %(month)s has %(value)s (%(low)s to %(high)s).") % found
        return f"{begun} {way}"

    @property
    def state_words(self) -> str:
        return state_words(self.state)

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "line")

    @property
    def few(self) -> str:
        if self.now is None:
            return ""
        return _("n %(n)s") % {"n": formats.number(self.now.n)}

    def as_dict(self) -> dict[str, Any]:
        """For whoever reads it later, in any language."""
        whose = self.group.label if self.group and not self.group.is_everybody else ""
        found: dict[str, Any] = {"state": self.state, "month": self.span.first.isoformat(), "group": str(whose)}
        return found | ({"value": self.now.value, "expected": self.expected} if self.now else {})

    @property
    def is_over(self) -> bool:
        return self.goal.due_on < timezone.localdate()

    # ---- The chart --------------------------------------------------------------------------------
    def chart(self, csv: str = "") -> LineChart | None:
        """Month by month beside the path; nothing before two months are there."""
        spans = self._months()
        if self.group is None or len(spans) < 2:
            return None
        found = asking.sums(self.generation, [Question(span, self.group) for span in spans])
        points = [self._point(span, sums) for span, sums in zip(spans, found, strict=True)]
        return LineChart(
            title=self.title,
            note=_("The value of each month with its 95% band, and the way expected from the start to the target."),
            name=str(self.metric.label),
            points=points,
            compare=[Line(_("Expected path"), [self.goal.expected(span.last) for span in spans])],
            unit="number" if self.metric.unit == "times" else self.metric.unit,
            digits=self.metric.digits,
            opens=_("Open these customers."),
            csv=csv,
        )

    def _months(self) -> list[Span]:
        """From the month before the goal began, so that one sees from where."""
        span, found = Span.of(self.goal.begins_on, MONTH).before, list[Span]()
        end = min(self.generation.as_of, self.goal.due_on + DAY)
        while span.last < end and len(found) < MONTHS:
            found.append(span)
            span = span.next
        return found

    def _point(self, span: Span, sums: Sums) -> Point:
        early = self.metric.first_day(self.generation, WINDOW, span)
        made = None if early else self.metric.make(sums, WINDOW)
        found = made.interval if made else None
        bounded = found is not None and isfinite(found.low)
        return Point(
            label=formats.month(span.first, year=False),
            long=span.name,
            value=found.value if found else None,
            low=found.low if found and bounded else None,
            high=found.high if found and bounded else None,
            n=made.n if made else None,
            href=_behind(self, span) if made else "",
        )


def _behind(progress: Progress, span: Span) -> str:
    from analytics.reports.retention import behind_url

    group = {"group": progress.goal.group} if progress.goal.group else {}
    return behind_url(who=progress.metric.who, period=span.key, **group)


def last_month(generation: Generation) -> Span:
    """The last one that is over."""
    return Span.of(generation.as_of, MONTH).before


def progress_of(goals: list[Goal], generation: Generation) -> list[Progress]:
    """Of several goals; months asked before are only looked up."""
    span = last_month(generation)
    whose = [_group_of(goal) for goal in goals]
    asked = [Question(span, group) for group in whose if group]
    known = dict(zip(asked, asking.sums(generation, asked), strict=True)) if asked else {}
    return [
        Progress(goal, generation, group, span, known[Question(span, group)] if group else None)
        for goal, group in zip(goals, whose, strict=True)
    ]


def note(goals: list[Goal], generation: Generation) -> None:
    """How each stands, kept with it: Today has no time to work it out."""
    for one in progress_of(goals, generation):
        one.goal.stand(one.as_dict())


@dataclass(frozen=True)
class Standing:
    """A goal in one line, as it was noted last."""

    goal: Goal

    @property
    def title(self) -> str:
        return title_of(self.goal, self.goal.standing.get("group", ""))

    @property
    def said(self) -> str:
        """88.2% in October 2026, 87.5% expected."""
        found, metric = self.goal.standing, BY_NAME[self.goal.metric]
        if not found.get("state"):
            return ""
        month = formats.month(date.fromisoformat(found["month"]), long=True)
        words = {"value": written(metric, found["value"]), "expected": written(metric, found["expected"])}
        return _("%(value)s in %(month)s, %(expected)s expected") % {**words, "month": month}

    @property
    def state_words(self) -> str:
        return state_words(self.goal.standing.get("state", ""))

    @property
    def tone(self) -> str:
        return TONES.get(self.goal.standing.get("state", ""), "line")

    @property
    def url(self) -> str:
        return url_of(self.goal)


def _group_of(goal: Goal) -> Group | None:
    return groups.read(goal.group, goal.made_by)


def value_now(metric: str, group: Group, generation: Generation) -> float | None:
    """From where a new goal starts when nobody says otherwise."""
    span = last_month(generation)
    if BY_NAME[metric].first_day(generation, WINDOW, span):
        return None
    made = BY_NAME[metric].make(asking.sums(generation, [Question(span, group)])[0], WINDOW)
    return made.value if made else None


def metric_choices() -> list[tuple[str, Any]]:
    return [(name, BY_NAME[name].label) for name in METRICS]


def group_choices(generation: Generation | None, asker: Asker) -> list[tuple[str, Any]]:
    everybody = [("", _("Everybody"))]
    if generation is None:
        return everybody
    return [*everybody, *groups.choices(generation, asker)]


def url_of(goal: Goal) -> str:
    return reverse("analytics:goal", args=[goal.pk])
