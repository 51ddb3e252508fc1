"""Brings conversations in, and notes which, so that the import can be taken back (crm.undo)."""

from typing import Any

from django.db import connection

from crm.imports.columns import Mapping
from crm.imports.inserting import insert
from crm.imports.kinds import Say
from crm.models import ChangeSet, Import, Note
from crm.undo.recording import note_created

KNOWN = {name: name for name in ("customer_id", "kind", "at", "body", "by_id", "imprint")}
REST = "FROM matched WHERE verdict = 'create' ORDER BY customer_id, at, line RETURNING id"


def write(brought: Import, mapping: Mapping, counts: dict[str, Any], say: Say) -> dict[str, Any]:
    changes = ChangeSet.objects.create(kind=ChangeSet.Kind.IMPORT, by=brought.created_by)
    brought.remember(changes=changes)
    say("conversations")
    with connection.cursor() as cursor:
        cursor.execute(insert(Note, KNOWN, REST))
        note_created(changes, Note, [pk for (pk,) in cursor.fetchall()])
    return {}
