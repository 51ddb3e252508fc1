"""After thirty days a change of many stays as it is: what was noted for taking it back goes, a part at a time."""

from django.db import connection
from django.utils import timezone

from crm.models.change_set import KEPT

PART = 20_000

_SWEEP = """
    DELETE FROM crm_change WHERE id IN (
        SELECT c.id FROM crm_change AS c JOIN crm_changeset AS s ON s.id = c.changes_id
         WHERE s.at < %s LIMIT %s)
"""


def sweep(parts: int = 50) -> int:
    """The change sets stay, as what was done; they hold no values."""
    swept = 0
    for _part in range(parts):
        with connection.cursor() as cursor:
            cursor.execute(_SWEEP, [timezone.now() - KEPT, PART])
            swept += cursor.rowcount
            if cursor.rowcount < PART:
                break
    return swept
