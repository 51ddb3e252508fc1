"""A year of answers for the demo: who was asked, who answered, what they said; the same on every machine.

Set-based: a few thousand invitations are made in a second's part. The events are written as they would have been.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from feedback.demo.telling import ASKED, EVENTS, SAID, WITHOUT_A_NAME
from feedback.following import topics
from feedback.following.low_scores import open_complaint
from feedback.models import Response, Survey, Topic, TopicRule
from feedback.surveys.kinds import SCALES, Kind

HERE = Path(__file__).parent
OPEN, UNANSWERED = 4, 2  # low scores of the last days that somebody works on; those nobody has got back to


def tell(staff: dict[str, Any], today: date) -> None:
    """Call it inside a transaction, after the surveys."""
    surveys = {survey.kind: survey for survey in Survey.objects.order_by("pk")}
    versions = {kind: survey.version.pk for kind, survey in surveys.items() if survey.version}
    values: dict[str, Any] = {f"survey_{kind}": survey.pk for kind, survey in surveys.items()}
    values |= {f"version_{kind}": pk for kind, pk in versions.items()} | _comments()
    with connection.cursor() as cursor:
        for statement in (*ASKED, SAID, *WITHOUT_A_NAME):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE feedback_invitation, feedback_response")
        cursor.execute(EVENTS)
    _sort()
    _complain(staff["mira"].actor)


def _comments() -> dict[str, list[str]]:
    """One row each: of which kind and band, in which language, the how manieth, the words."""
    told = json.loads((HERE / "comments.json").read_text())
    rows = [
        (kind, band, language, number, text)
        for kind, bands in told.items()
        for band, languages in bands.items()
        for language, texts in languages.items()
        for number, text in enumerate(texts)
    ]
    names = ("kinds", "bands", "languages", "numbers", "texts")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _sort() -> None:
    told = json.loads((HERE / "topics.json").read_text())
    for name, languages in told.items():
        topic = Topic.objects.create(name=name)
        TopicRule.objects.bulk_create(
            TopicRule(topic=topic, language=language, words=[word.lower() for word in words])
            for language, words in languages.items()
        )
    topics.sort(list(Response.objects.exclude(comment="").values_list("pk", flat=True)))


def _complain(actor: str) -> None:
    """The newest low scores after orders become complaints, as they would have."""
    rows = Response.objects.named().filter(survey__kind=Kind.CSAT, score__lte=SCALES[Kind.CSAT].low)
    rows = rows.exclude(comment="").select_related("survey", "customer__owner", "order", "version")
    for number, response in enumerate(rows.order_by("-at", "-pk")[:OPEN]):
        complaint = open_complaint(response)
        if number >= UNANSWERED:
            complaint.acknowledge(actor=actor)
        type(complaint).objects.filter(pk=complaint.pk).update(opened_at=response.at, clock_began_at=response.at)
