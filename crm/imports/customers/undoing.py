"""Takes an import of customers back."""

from typing import Any

from crm.imports import staging
from crm.imports.newcomers import take_away
from crm.models import Import
from crm.undo.taking_back import Outcome, take_back


def undo(order_import: Import, by: Any) -> Outcome:
    """Call it inside a transaction. Raises AlreadyTakenBack."""
    staging.take_time()
    gone, stay = take_away(order_import)
    outcome = take_back(order_import.changes, by=by)
    return Outcome(outcome.restored + gone, outcome.kept + stay)
