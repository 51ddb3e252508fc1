"""How much goes out and comes in, for the list of surveys; by the days of the shop, out of what is counted ahead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from feedback.figures import counting
from feedback.models import Survey

DAYS = 30


@dataclass(frozen=True)
class Counts:
    """Since a day, with the addresses of who was asked and of the answers."""

    survey: int
    since: date
    sent: int = 0
    answered: int = 0

    @property
    def asked_url(self) -> str:
        return self._url("feedback:asked")

    @property
    def answers_url(self) -> str:
        return self._url("feedback:answers")

    def _url(self, page: str) -> str:
        return f"{reverse(page)}?{urlencode({'survey': self.survey, 'from': self.since.isoformat()})}"


def lately(surveys: Iterable[Survey]) -> dict[int, Counts]:
    """Of the last 30 days, by survey; test answers are not counted."""
    today = timezone.localdate()
    since, ids = today - timedelta(days=DAYS - 1), [survey.pk for survey in surveys]
    sent, answered = counting.sent_since(since, ids), counting.answers_between(since, today, ids)
    return {pk: Counts(pk, since, sent.get(pk, 0), answered.get(pk, 0)) for pk in ids}
