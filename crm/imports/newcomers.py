"""Cards that an import made, taken away again: those that nothing happened to since. Of a million cards no notes are
kept; every change of a card is an event, and whatever else belongs to it points at it."""

from typing import Any

from django.db import connection

from crm.models import Customer, Import
from crm.undo.tables import quoted, table_of

WITH_THE_CARD = ("crm.Identifier", "crm.Tagging", "crm.Consent", "crm.Event")

LEAVING = """
    CREATE TEMP TABLE leaving ON COMMIT DROP AS
    SELECT c.id FROM crm_customer AS c
     WHERE c.brought_by = %(id)s AND c.merged_into_id IS NULL
       AND NOT EXISTS (SELECT FROM crm_event AS e WHERE e.customer_id = c.id AND e.actor <> ALL (%(files)s))
       AND NOT EXISTS (SELECT FROM crm_consent AS s WHERE s.customer_id = c.id AND s.by <> ALL (%(files)s))
       AND NOT EXISTS (SELECT FROM crm_identifier AS i WHERE i.customer_id = c.id
                          AND i.brought_by IS DISTINCT FROM %(id)s) {unless} {part}
     ORDER BY c.id FOR UPDATE OF c
"""
OF_PART = "AND {0}.id > %(after)s AND {0}.id <= %(upto)s"
POINTED_AT = "AND NOT EXISTS (SELECT FROM {table} AS child WHERE child.{column} = c.id)"
# What they refused holds on without a card, address by address.
GO = (
    "CREATE UNIQUE INDEX ON leaving (id)",
    "ANALYZE leaving",
    "UPDATE crm_event SET customer_id = NULL WHERE customer_id IN (SELECT id FROM leaving)",
    "UPDATE crm_consent SET customer_id = NULL WHERE customer_id IN (SELECT id FROM leaving)",
    "DELETE FROM crm_tagging WHERE customer_id IN (SELECT id FROM leaving)",
    "DELETE FROM crm_identifier WHERE customer_id IN (SELECT id FROM leaving)",
    "DELETE FROM crm_customer WHERE id IN (SELECT id FROM leaving)",
)
KEEP = """
    INSERT INTO crm_change (changes_id, model, row_id, customer_id, kept)
    SELECT %(changes)s, 'crm.Customer', c.id, c.id, 'edited' FROM crm_customer AS c WHERE c.brought_by = %(id)s
    ON CONFLICT DO NOTHING
"""


def take_away(order_import: Import) -> tuple[int, int]:
    """Call it inside a transaction. Returns how many cards went and how many stay."""
    gone = take_some_away(order_import)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {"id": order_import.pk, "changes": order_import.changes_id})
        return gone, cursor.rowcount


def take_some_away(order_import: Import, part: tuple[int, int] | None = None) -> int:
    """Call it inside a transaction. `part`: of cards behind the one id and up to the other."""
    params: dict[str, Any] = {"id": order_import.pk, "files": _files(order_import)}
    if part:
        params |= {"after": part[0], "upto": part[1]}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.leaving")
        statement = LEAVING.format(unless=" ".join(_pointing()), part=OF_PART.format("c") if part else "")
        cursor.execute(statement, params)
        gone = cursor.rowcount
        cursor.execute("SELECT set_config('regulars.reason', %s, true)", [f"undo:{order_import.changes_id}"])
        for statement in GO:
            cursor.execute(statement)
        cursor.execute("SELECT set_config('regulars.reason', '', true)")
    return gone


def _files(order_import: Import) -> list[str]:
    """Whose entries hold nobody here: this one's, and those of later files that were taken back themselves."""
    later = Import.objects.filter(pk__gt=order_import.pk, changes__undone_at__isnull=False)
    return [one.actor for one in [order_import, *later.only("pk")]]


def _pointing() -> list[str]:
    """Whatever else holds on to a card, as the model registry says."""
    return [
        POINTED_AT.format(table=quoted(child.name), column=quoted(column))
        for child, column in table_of(Customer).children
        if child.label not in WITH_THE_CARD
    ]
