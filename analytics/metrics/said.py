"""What customers said in a period: the scores and the response rate as the room of feedback counts them."""

from typing import Any

from django.db.models import Count, Sum
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


def of(span: Span, group: Group) -> Said:
    """Of each kind its survey and [score, answers] pairs; "rate": [answered, asked] of all surveys. Ready for JSON."""
    found: Said = {"rate": _rate(span, group)}
    for survey in chosen.surveys():
        if survey.kind in KINDS and survey.kind not in found:
            counts = _scores(survey, span, group).counts
            found[survey.kind] = {"survey": survey.pk, "counts": [[score, n] for score, n in counts.items()]}
    return found


def scores(said: Said, kind: str) -> Scores:
    return Scores(dict(said.get(kind, {}).get("counts", [])))


def _scores(survey: Survey, span: Span, group: Group) -> Scores:
    versions = Versions.of(survey, "")
    ids = versions.ids if versions else []
    if group.members is None:
        rows = AnswerTally.objects.filter(survey=survey, version__in=ids, day__gte=span.first, day__lte=span.last)
        return scores_of(rows.values_list("score", "nameless").annotate(total=Sum("n")).order_by())
    begins, ends = midnight(span.first), midnight(span.last + DAY)
    answers = Response.objects.counted().named().filter(survey=survey, version__in=ids, at__gte=begins, at__lt=ends)
    ours = answers.filter(customer__in=group.members(span)).order_by()
    return scores_of((score, False, n) for score, n in ours.values_list("score").annotate(n=Count("pk")))


def _rate(span: Span, group: Group) -> list[int]:
    """Of those sent in the period who have had a week to answer; what came back asked nobody."""
    last = min(span.last, timezone.localdate() - WAIT)
    if group.members is None:
        rows = InvitationTally.objects.filter(day__gte=span.first, day__lte=last)
        found = rows.aggregate(sent=Sum("sent"), answered=Sum("answered"), bounced=Sum("bounced"))
        return [found["answered"] or 0, (found["sent"] or 0) - (found["bounced"] or 0)]
    sent = Invitation.objects.filter(test=False, sent_at__gte=midnight(span.first), sent_at__lt=midnight(last + DAY))
    ours = sent.filter(customer__in=group.members(span)).exclude(MEANS["bounced"])
    counted = ours.aggregate(asked=Count("pk"), answered=Count("pk", filter=MEANS["answered"]))
    return [counted["answered"], counted["asked"]]
