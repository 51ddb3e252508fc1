"""Many answers at once, by rows: what a test of figures is about is not how they came."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from feedback.answering.recording import week_of
from feedback.models import Response, Survey
from feedback.models.response import drawn_number
from shop.models import Setting


def give(survey: Survey, scores: dict[int, int], *, days_ago: float = 3, **fields: Any) -> list[Response]:
    """{score: how many}, all at one moment."""
    version = fields.pop("version", None) or survey.version
    values = {"language": "en", "channel": "email", "at": timezone.now() - timedelta(days=days_ago), **fields}
    nameless = values.get("nameless", False)
    rows = [
        Response(pk=drawn_number() if nameless else None, survey=survey, version=version, score=score, **values)
        for score, n in scores.items()
        for _row in range(n)
    ]
    return Response.objects.bulk_create(rows)


def monday(weeks_ago: int) -> datetime:
    """In the shop: the time of an answer without a name."""
    with timezone.override(Setting.get("shop.time_zone")):
        return week_of(timezone.now() - timedelta(weeks=weeks_ago))
