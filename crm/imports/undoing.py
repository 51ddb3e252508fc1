"""Takes an applied import back, with the updates it made. Rows that somebody changed since are kept and listed."""

from typing import Any

from django.db import transaction

from crm.models import Event, Import
from crm.undo.taking_back import Outcome


@transaction.atomic
def undo(order_import: Import, *, by: Any) -> Outcome:
    """Raises AlreadyTakenBack."""
    outcome = order_import.mapping_in_use.kind_of_file.undo(order_import, by)
    order_import.changes.remember(restored=outcome.restored, kept=outcome.kept)
    actor = by.actor if by else order_import.actor
    kind = order_import.mapping_in_use.kind
    Event.record("import.undone", subject=order_import, actor=actor, kind=kind)
    return outcome
