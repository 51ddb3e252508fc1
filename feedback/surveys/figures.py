"""How much goes out and comes in, for the list of surveys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from feedback.models import Invitation, Response, Survey

DAYS = 30


@dataclass(frozen=True)
class Counts:
    sent: int = 0
    answered: int = 0


def lately(surveys: Iterable[Survey]) -> dict[int, Counts]:
    """Of the last 30 days, by survey; test answers are not counted."""
    since = timezone.now() - timedelta(days=DAYS)
    ids = [survey.pk for survey in surveys]
    out = Invitation.objects.filter(survey__in=ids, sent_at__gte=since, test=False)
    in_ = Response.objects.counted().filter(survey__in=ids, at__gte=since)
    sent = dict(out.values_list("survey").annotate(n=Count("pk")).order_by())
    answered = dict(in_.values_list("survey").annotate(n=Count("pk")).order_by())
    return {pk: Counts(sent.get(pk, 0), answered.get(pk, 0)) for pk in ids}
