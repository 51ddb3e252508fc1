"""What customers said in a period: the scores and the response rate as the room of feedback counts them."""

from datetime import date
from typing import Any, TypeVar

from django.db.models import Count, Model, QuerySet, Sum
from django.utils import timezone

from analytics.metrics.groups import Group
from analytics.metrics.spans import DAY, Span
from feedback.figures import chosen
from feedback.figures.asked_list import MEANS
from feedback.figures.counting import WAIT, scores_of
from feedback.figures.measures import Scores
from feedback.figures.periods import midnight
from feedback.figures.versions import Versions
from feedback.models import AnswerTally, Invitation, InvitationTally, Response, Survey
from feedback.surveys.kinds import Kind

KINDS = (Kind.NPS, Kind.CSAT, Kind.CES)
Said = dict[str, Any]
Row = TypeVar("Row", bound=Model)


def of(span: Span, group: Group) -> Said:
    """Of each kind its survey and [score, answers] pairs; "rate": [answered, asked] of all surveys. Ready for JSON."""
    found: Said = {"rate": _rate(span, group)}
    for kind, survey in _surveys().items():
        counts = _scores(survey, span, group).counts
        found[kind] = {"survey": survey.pk, "counts": [[score, n] for score, n in counts.items()]}
    return found


def survey_of(kind: str) -> Survey | None:
    """Whose answers the score of that kind is made of."""
    return _surveys().get(kind)


def _surveys() -> dict[str, Survey]:
    """The first of each kind."""
    return {survey.kind: survey for survey in reversed(chosen.surveys()) if survey.kind in KINDS}


def scores(said: Said, kind: str) -> Scores:
    return Scores(dict(said.get(kind, {}).get("counts", [])))


def answers(survey: Survey, span: Span, group: Group) -> QuerySet[Response]:
    """The answers behind a score that name somebody."""
    begins, ends = midnight(span.first), midnight(span.last + DAY)
    named = Response.objects.counted().named().filter(survey=survey, version__in=_versions(survey))
    return _ours(named.filter(at__gte=begins, at__lt=ends), span, group).order_by()


def answered(span: Span, group: Group) -> QuerySet[Invitation]:
    """Of the invitations behind the response rate, those that were answered."""
    return _asked(span, group).filter(MEANS["answered"])


def _scores(survey: Survey, span: Span, group: Group) -> Scores:
    if not group.is_everybody:
        ours = answers(survey, span, group).values_list("score").annotate(n=Count("pk"))
        return scores_of((score, False, n) for score, n in ours)
    rows = AnswerTally.objects.filter(survey=survey, version__in=_versions(survey))
    rows = rows.filter(day__gte=span.first, day__lte=span.last)
    return scores_of(rows.values_list("score", "nameless").annotate(total=Sum("n")).order_by())


def _versions(survey: Survey) -> list[int]:
    versions = Versions.of(survey, "")
    return versions.ids if versions else []


def _rate(span: Span, group: Group) -> list[int]:
    if not group.is_everybody:
        counted = _asked(span, group).aggregate(asked=Count("pk"), answered=Count("pk", filter=MEANS["answered"]))
        return [counted["answered"], counted["asked"]]
    rows = InvitationTally.objects.filter(day__gte=span.first, day__lte=_last(span))
    found = rows.aggregate(sent=Sum("sent"), answered=Sum("answered"), bounced=Sum("bounced"))
    return [found["answered"] or 0, (found["sent"] or 0) - (found["bounced"] or 0)]


def _asked(span: Span, group: Group) -> QuerySet[Invitation]:
    """Sent in the period to who has had a week to answer; what came back asked nobody."""
    begins, ends = midnight(span.first), midnight(_last(span) + DAY)
    sent = Invitation.objects.filter(test=False, sent_at__gte=begins, sent_at__lt=ends)
    return _ours(sent.exclude(MEANS["bounced"]), span, group)


def _last(span: Span) -> date:
    return min(span.last, timezone.localdate() - WAIT)


def _ours(rows: QuerySet[Row], span: Span, group: Group) -> QuerySet[Row]:
    return rows if group.members is None else rows.filter(customer__in=group.members(span))
