"""Brings answers in, and notes which, so that they can be taken back. Old ones open no complaint and earn nothing."""

from typing import Any

from django.db import connection

from crm.imports.columns import Mapping
from crm.imports.inserting import insert
from crm.imports.kinds import Say
from crm.models import Change, ChangeSet, Import
from crm.undo.recording import note_created
from crm.undo.taking_back import Outcome, take_back
from feedback.following import topics
from feedback.models import Response, ResponseTopic
from feedback.models.invitation import Channel

PART = 2_000
KNOWN = {name: name for name in ("survey_id", "version_id", "customer_id", "order_id", "score", "at")} | {
    "comment": "coalesce(comment, '')",
    "language": "spoken",
    "source": "key",
    "channel": f"'{Channel.IMPORT}'",
    **dict.fromkeys(("nameless", "test", "callback"), "false"),
}
REST = "FROM matched WHERE verdict = 'create' ORDER BY at, line RETURNING id"


def write(brought: Import, mapping: Mapping, counts: dict[str, Any], say: Say) -> dict[str, Any]:
    changes = ChangeSet.objects.create(kind=ChangeSet.Kind.IMPORT, by=brought.created_by)
    brought.remember(changes=changes)
    say("responses")
    with connection.cursor() as cursor:
        cursor.execute(insert(Response, KNOWN, REST))
        made = [pk for (pk,) in cursor.fetchall()]
    note_created(changes, Response, made)
    for begin in range(0, len(made), PART):
        topics.sort(made[begin : begin + PART])
    return {}


def undo(brought: Import, by: Any) -> Outcome:
    """What comments are about by their words goes with them; an answer somebody has read and sorted stays."""
    noted = Change.objects.filter(changes=brought.changes, model="feedback.Response").values("row_id")
    ResponseTopic.objects.filter(response__in=noted, right=None).delete()
    changes = brought.changes
    assert changes
    return take_back(changes, by=by)
