"""Brings opening balances in, and notes which entries, so that they can be taken back."""

from typing import Any

from django.db import connection
from django.utils import timezone

from crm.imports.columns import Mapping
from crm.imports.kinds import Say
from crm.models import Change, ChangeSet, Import
from crm.undo.taking_back import AlreadyTakenBack, Outcome
from loyalty.points import opening

BALANCES = """
    SELECT customer_id, points, available_on, expires_on, coalesce(note, '') AS note
      FROM matched WHERE verdict = 'change'
"""
NOTE = """
    INSERT INTO crm_change (changes_id, model, row_id, customer_id, after, kept)
    SELECT %(changes)s, 'loyalty.Entry', entry.id, account.customer_id, '{}', ''
      FROM unnest(%(entries)s::bigint[]) AS brought (id) JOIN loyalty_entry AS entry USING (id)
      JOIN loyalty_account AS account ON account.id = entry.account_id ORDER BY entry.id
"""
KEPT = """
    UPDATE crm_change SET kept = 'edited'
     WHERE changes_id = %(changes)s AND model = 'loyalty.Entry' AND row_id <> ALL (%(gone)s::bigint[])
"""


def write(brought: Import, mapping: Mapping, counts: dict[str, Any], say: Say) -> dict[str, Any]:
    changes = ChangeSet.objects.create(kind=ChangeSet.Kind.IMPORT, by=brought.created_by)
    brought.remember(changes=changes)
    say("points")
    entries = opening.bring(BALANCES, source=brought.source, actor=brought.actor)
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"changes": changes.pk, "entries": entries})
    return {}


def undo(brought: Import, by: Any) -> Outcome:
    """Call it inside a transaction. Raises AlreadyTakenBack. Points that were touched since stay."""
    now = timezone.now()
    changes = brought.changes
    assert changes
    if not ChangeSet.objects.filter(pk=changes.pk, undone_at=None).update(undone_at=now, undone_by=by):
        raise AlreadyTakenBack
    changes.undone_at, changes.undone_by = now, by
    noted = list(Change.objects.filter(changes=changes, model="loyalty.Entry").values_list("row_id", flat=True))
    gone = opening.take_back(noted, actor=by.actor if by else brought.actor)
    with connection.cursor() as cursor:
        cursor.execute(KEPT, {"changes": changes.pk, "gone": gone})
    return Outcome(len(gone), len(noted) - len(gone))
