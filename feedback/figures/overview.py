"""What the page Feedback says about one survey in one period, against the period before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.figures import counting, periods
from feedback.figures.measures import FEWEST, MEASURES, Measure, Scores
from feedback.figures.periods import DRAWN, STEPS, Period
from feedback.figures.versions import Versions
from feedback.models import Survey, SurveyVersion
from feedback.surveys.kinds import SCALES, Scale
from shop import formats
from shop.intervals import Interval


@dataclass(frozen=True)
class Report:
    """`scores`: of each period that is drawn, the last of them the running one."""

    survey: Survey
    versions: Versions
    period: Period
    scores: Mapping[Period, Scores]
    today: date

    @classmethod
    def of(cls, survey: Survey, asked: Mapping[str, str], today: date) -> "Report | None":
        """None: nobody was asked with it yet, since nothing of it is published."""
        versions = Versions.of(survey, asked.get("version", ""))
        if versions is None:
            return None
        step = asked.get("step", "")
        running = Period.of(today, step if step in STEPS else "month")
        scores = counting.by_period(survey.pk, versions.ids, running.back(DRAWN[running.step]), running)
        period = periods.read(asked.get("period", ""), running.step, today)
        if period not in scores:
            period = running.before if scores[running.before].answers else running
        return cls(survey, versions, period, scores, today)

    # ---- What is counted ------------------------------------------------------------------------------
    @property
    def step(self) -> str:
        return self.period.step

    @property
    def measure(self) -> Measure | None:
        return MEASURES.get(self.survey.kind)

    @property
    def scale(self) -> Scale | None:
        return SCALES.get(self.survey.kind)

    @property
    def version(self) -> SurveyVersion:
        return self.versions.chosen

    @property
    def now(self) -> Scores:
        return self.scores[self.period]

    @property
    def before(self) -> Scores:
        return self.scores.get(self.period.before, Scores())

    @property
    def found(self) -> Interval | None:
        """None: too few for a number."""
        return self.measure.of(self.now) if self.measure and self.now.n >= FEWEST else None

    @property
    def change(self) -> Interval | None:
        if not self.measure or min(self.now.n, self.before.n) < FEWEST:
            return None
        return self.measure.change(self.now, self.before)

    @cached_property
    def rates(self) -> tuple[counting.Rate, counting.Rate]:
        """In this period and in the one before."""
        survey, ids = self.survey.pk, self.versions.ids
        now = counting.response_rate(survey, ids, self.period, self.today)
        return now, counting.response_rate(survey, ids, self.period.before, self.today)

    @property
    def drawn(self) -> list[tuple[Period, Scores]]:
        """From the first period in which somebody answered."""
        pairs = list(self.scores.items())[1:]  # the first one is only compared with
        begins = next((i for i, (_period, scores) in enumerate(pairs) if scores.answers), len(pairs))
        return pairs[begins:]

    # ---- Addresses ------------------------------------------------------------------------------------
    def url(self, page: str = "feedback:overview", **changes: str) -> str:
        asked = {
            "survey": str(self.survey.pk),
            "version": "" if self.versions.is_newest else str(self.version.number),
            "step": "" if self.step == "month" else self.step,
            "period": self.period.first.isoformat(),
            **changes,
        }
        return f"{reverse(page)}?{urlencode({k: v for k, v in asked.items() if v})}"

    def behind(self, period: Period | None = None, **more: str) -> str:
        """The answers that are counted."""
        period = period or self.period
        asked: dict[str, Any] = {
            "survey": self.survey.pk,
            "version": [str(one.number) for one in self.versions.counted] if self.versions.others else [],
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            **more,
        }
        return f"{reverse('feedback:answers')}?{urlencode(asked, doseq=True)}"

    @property
    def open_answers(self) -> str:
        """Those of any time whose complaint is not closed yet."""
        return f"{reverse('feedback:answers')}?{urlencode({'survey': self.survey.pk, 'complaint': 'open'})}"

    def steps(self) -> list[tuple[str, Any, bool]]:
        return [(self.url(step=name), label, name == self.step) for name, label in STEPS.items()]

    def choices(self) -> list[tuple[str, str, bool]]:
        """Every period that can be looked at, the newest first."""
        shown = reversed(self.drawn or [(self.period, self.now)])
        return [(self.url(period=one.first.isoformat()), one.name, one == self.period) for one, _scores in shown]

    # ---- In words -------------------------------------------------------------------------------------
    @property
    def period_name(self) -> str:
        """With its last day, while it is not over."""
        if self.period.is_over(self.today):
            return self.period.name
        return _("%(period)s, until today") % {"period": self.period.name}

    @property
    def too_few(self) -> str:
        n = self.now.answers
        said = ngettext("%(n)s answer so far: too few for a score.", "%(n)s answers so far: too few for a score.", n)
        return said % {"n": formats.number(n)}

    @property
    def is_few(self) -> bool:
        """The answers are shown instead of a number."""
        return (self.now.n if self.measure else self.now.answers) < FEWEST
