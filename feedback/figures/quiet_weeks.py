"""Weeks in which so few answered a survey without a name that the week would tell who it was.

Their answers are in no place that follows time: they stand after all others, in the order of numbers that were drawn.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet, Sum

from feedback.figures.measures import HIDDEN_UNDER
from feedback.models import AnswerTally, Response


@dataclass(frozen=True)
class QuietWeeks:
    """By survey, their beginnings."""

    weeks: dict[int, set[datetime]]

    @classmethod
    def of(cls, surveys: Collection[int] | None = None) -> "QuietWeeks":
        """None: of all there are."""
        rows = Response.objects.counted().filter(nameless=True)
        if surveys is not None:
            rows = rows.filter(survey__in=surveys)
        counted = rows.values_list("survey", "at").annotate(total=Count("pk")).order_by()
        weeks: dict[int, set[datetime]] = defaultdict(set)
        for survey, at, _n in counted.filter(total__lt=HIDDEN_UNDER):
            weeks[survey].add(at)
        return cls(dict(weeks))

    def __bool__(self) -> bool:
        return bool(self.weeks)

    def holds(self, answer: Response) -> bool:
        return answer.nameless and answer.at in self.weeks.get(answer.survey_id, ())

    @property
    def condition(self) -> Q:
        """There must be some."""
        of_each = (Q(survey=survey, at__in=sorted(weeks)) for survey, weeks in self.weeks.items())
        return Q(nameless=True) & reduce(or_, of_each)


def of_many() -> QuerySet[Response]:
    """Answers without a name of surveys to which enough came to hide among."""
    counted = AnswerTally.objects.filter(nameless=True).values("survey").annotate(total=Sum("n")).order_by()
    surveys = counted.filter(total__gte=HIDDEN_UNDER).values("survey")
    return Response.objects.counted().filter(nameless=True, survey__in=surveys)


def tell_no_week(first: date | None, last: date | None) -> bool:
    """Between these days no single week can be picked out: there are none, or they are whole months."""
    begins = first is None or first.day == 1
    return begins and (last is None or (last + timedelta(days=1)).day == 1)
