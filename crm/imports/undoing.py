"""Takes an applied import back, with the updates it made. Rows that somebody changed since are kept and listed."""

from typing import Any

from django.db import transaction

from crm.imports import in_parts
from crm.models import Event, Import
from crm.undo.taking_back import Outcome


def undo(order_import: Import, *, by: Any, say: in_parts.Say | None = None) -> Outcome:
    """Raises AlreadyTakenBack. Of very many rows most go part by part; stopped on the way, it can be gone on with."""
    kind = order_import.mapping_in_use.kind_of_file
    in_parts.take_away_in_parts(order_import, kind.steps_back, say)
    with transaction.atomic():
        rest = kind.undo(order_import, by)
        outcome = Outcome(rest.restored + in_parts.gone_before(order_import), rest.kept)
        order_import.changes.remember(restored=outcome.restored, kept=outcome.kept)
        actor = by.actor if by else order_import.actor
        Event.record("import.undone", subject=order_import, actor=actor, kind=kind.name)
    return outcome
