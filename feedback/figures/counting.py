"""How many answers gave which score, and how many of those who were asked answered: out of what is counted ahead."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import Trunc
from django.utils.translation import gettext_noop

from feedback.figures.measures import HIDDEN_UNDER, Scores
from feedback.figures.periods import Period
from feedback.models import AnswerTally, InvitationTally
from shop.jobs import job
from shop.models import Job, Setting

WAIT = timedelta(days=7)  # so long an invitation has to be out before it counts as not answered
KIND = "feedback.count_answers"
COUNTING = gettext_noop("Counting answers")

Row = tuple[int | None, bool, int]  # score, without a name, how many


def scores_of(rows: Iterable[Row]) -> Scores:
    """Of one group. Answers without a name, when there are only a few, are left out: they could be told apart."""
    kept = list(rows)
    nameless = sum(n for _score, without_name, n in kept if without_name)
    counts: dict[int, int] = defaultdict(int)
    silent = 0
    for score, without_name, n in kept:
        if without_name and nameless < HIDDEN_UNDER:
            continue
        if score is None:
            silent += n
        else:
            counts[score] += n
    return Scores({score: n for score, n in sorted(counts.items()) if n}, silent)


def by_period(survey: int, versions: Collection[int], first: Period, last: Period) -> dict[Period, Scores]:
    """Every period between these two, also those in which nobody answered."""
    rows = AnswerTally.objects.filter(
        survey=survey, version__in=versions, day__gte=first.first, day__lt=last.next.first
    ).annotate(begins=Trunc("day", first.step))
    found: dict[date, list[Row]] = defaultdict(list)
    for begins, *row in rows.values_list("begins", "score", "nameless").annotate(n=Sum("n")).order_by():
        found[begins].append((row[0], row[1], row[2]))
    periods, one = {}, first
    while one <= last:
        periods[one] = scores_of(found.get(one.first, []))
        one = one.next
    return periods


def answers_between(first: date, last: date, surveys: Collection[int]) -> dict[int, int]:
    """Of each survey, all its versions together. A few without a name count to nothing."""
    rows = AnswerTally.objects.filter(survey__in=surveys, day__gte=first, day__lte=last)
    found: dict[int, list[Row]] = defaultdict(list)
    for survey, nameless, n in rows.values_list("survey", "nameless").annotate(total=Sum("n")).order_by():
        found[survey].append((None, nameless, n))
    return {survey: scores_of(kept).answers for survey, kept in found.items()}


def versions_with_answers(survey: int) -> dict[int, int]:
    """How many answers each version has."""
    rows = AnswerTally.objects.filter(survey=survey).values_list("version").annotate(total=Sum("n")).order_by()
    return {version: n for version, n in rows if n > 0}


@dataclass(frozen=True)
class Rate:
    """Of those sent in a period at least seven days ago; what came back asked nobody."""

    sent: int = 0
    answered: int = 0
    bounced: int = 0

    @property
    def asked(self) -> int:
        return self.sent - self.bounced


def sent_since(first: date, surveys: Collection[int]) -> dict[int, int]:
    """Of each survey, all its versions together."""
    rows = InvitationTally.objects.filter(survey__in=surveys, day__gte=first)
    return dict(rows.values_list("survey").annotate(n=Sum("sent")).order_by())


def response_rate(survey: int, versions: Collection[int], period: Period, today: date) -> Rate:
    rows = InvitationTally.objects.filter(
        survey=survey, version__in=versions, day__gte=period.first, day__lte=min(period.last, today - WAIT)
    )
    found = rows.aggregate(sent=Sum("sent"), answered=Sum("answered"), bounced=Sum("bounced"))
    return Rate(**{name: n or 0 for name, n in found.items()})


# ---- Made anew every night: one row for each day and score, straight from the answers -----------------------------
# What is there and what takes its place are seen at one moment, so what is written meanwhile is counted once.
_ANSWERS = """
    WITH gone AS (DELETE FROM feedback_answertally)
    INSERT INTO feedback_answertally (survey_id, version_id, day, score, nameless, n)
    SELECT survey_id, version_id, (one.at AT TIME ZONE %(zone)s)::date AS day, score, nameless, count(*)
      FROM feedback_response AS one WHERE NOT test
     GROUP BY survey_id, version_id, 3, score, nameless ORDER BY survey_id, 3
"""
_INVITATIONS = """
    WITH gone AS (DELETE FROM feedback_invitationtally)
    INSERT INTO feedback_invitationtally (survey_id, version_id, day, sent, answered, bounced)
    SELECT survey_id, version_id, (sent_at AT TIME ZONE %(zone)s)::date AS day, count(*),
           count(*) FILTER (WHERE state = 'answered'),
           count(*) FILTER (WHERE state <> 'answered' AND bounced_at IS NOT NULL)
      FROM feedback_invitation WHERE NOT test AND sent_at IS NOT NULL
     GROUP BY survey_id, version_id, 3 ORDER BY survey_id, 3
"""


@transaction.atomic
def count_anew() -> None:
    """One at a time: two at once would each add what the other does not see yet."""
    values: dict[str, Any] = {"zone": Setting.get("shop.time_zone")}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 9))", [KIND])
        cursor.execute(_ANSWERS, values)
        cursor.execute(_INVITATIONS, values)


@job(KIND)
def count_answers(claimed: Job) -> dict[str, Any]:
    claimed.progress(COUNTING)
    count_anew()
    return {}


def nightly(day: date) -> Job:
    return Job.request(KIND, lane=KIND, period=day.isoformat())
