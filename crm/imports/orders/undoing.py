"""Takes an import of orders back. What happened to an order since keeps it: it is listed, not lost."""

from typing import Any

from django.db import connection

from crm.imports import in_parts, staging
from crm.imports.newcomers import OF_PART, take_away
from crm.models import Import, Order
from crm.undo.tables import quoted, table_of
from crm.undo.taking_back import Outcome, take_back

OWN = ("crm.OrderLine", "crm.Refund")  # they came with the order, and go with it

GOES = """
    CREATE TEMP TABLE goes ON COMMIT DROP AS
    SELECT o.id, o.customer_id FROM crm_order AS o
     WHERE o.brought_by = %(id)s AND o.cancelled_at IS NULL
       AND NOT EXISTS (SELECT FROM crm_refund AS r WHERE r.order_id = o.id AND r.brought_by IS DISTINCT FROM %(id)s)
       AND NOT EXISTS (SELECT FROM crm_change AS c JOIN crm_changeset AS s ON s.id = c.changes_id
                        WHERE c.changes_id > %(changes)s AND s.kind = 'import' AND s.undone_at IS NULL
                          AND c.model = 'crm.Order' AND c.row_id = o.id) {unless} {part}
     ORDER BY o.id FOR UPDATE OF o
"""
POINTED_AT = "AND NOT EXISTS (SELECT FROM {table} AS child WHERE child.{column} = o.id)"
KEEP = """
    INSERT INTO crm_change (changes_id, model, row_id, customer_id, kept)
    SELECT %(changes)s, 'crm.Order', o.id, o.customer_id, 'pointed_at' FROM crm_order AS o
     WHERE o.brought_by = %(id)s AND o.id NOT IN (SELECT id FROM goes)
"""
REFUNDS = """
    CREATE TEMP TABLE given ON COMMIT DROP AS
    SELECT r.id, r.order_id, r.customer_id FROM crm_refund AS r LEFT JOIN crm_order AS o ON o.id = r.order_id
     WHERE r.brought_by = %(id)s
       AND (o.id IS NULL OR o.brought_by IS DISTINCT FROM %(id)s OR o.id IN (SELECT id FROM goes))
"""
THEIR_REFUNDS = """
    CREATE TEMP TABLE given ON COMMIT DROP AS
    SELECT r.id, r.order_id, r.customer_id FROM crm_refund AS r WHERE r.order_id IN (SELECT id FROM goes)
"""
TOUCHED = """
    INSERT INTO crm_importedcustomer (import_id, customer_id)
    SELECT %(id)s, customer_id FROM goes UNION SELECT %(id)s, customer_id FROM given
"""
BEGIN = "DELETE FROM crm_importedcustomer WHERE import_id = %(id)s"
GO = (
    TOUCHED,
    "DELETE FROM crm_orderline WHERE order_id IN (SELECT id FROM goes)",
    "DELETE FROM crm_refund WHERE id IN (SELECT id FROM given)",
    "DELETE FROM crm_order WHERE id IN (SELECT id FROM goes)",
)
# Orders that stay, without the refunds that went; also those that somebody changed since.
COUNT_REFUNDED = """
    UPDATE crm_order SET refunded = left_over.amount
      FROM (SELECT o.id, coalesce(sum(r.amount), 0) AS amount FROM crm_order AS o
              LEFT JOIN crm_refund AS r ON r.order_id = o.id
             WHERE o.id IN (SELECT order_id FROM given) GROUP BY o.id) AS left_over
     WHERE crm_order.id = left_over.id AND crm_order.refunded <> left_over.amount
"""
GONE = """
    DELETE FROM crm_importedcustomer AS i
     WHERE import_id = %(id)s AND NOT EXISTS (SELECT FROM crm_customer AS c WHERE c.id = i.customer_id)
"""


def undo(order_import: Import, by: Any) -> Outcome:
    """Call it inside a transaction. Raises AlreadyTakenBack."""
    staging.take_time()
    params = {"id": order_import.pk, "changes": order_import.changes_id}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.goes, pg_temp.given")
        cursor.execute(GOES.format(unless=" ".join(_pointing()), part=""), params)
        going = cursor.rowcount
        cursor.execute("CREATE UNIQUE INDEX ON goes (id)")
        cursor.execute(REFUNDS, params)
        going += cursor.rowcount
        for statement in GO if in_parts.begun(order_import) else (BEGIN, *GO):
            cursor.execute(statement, params)
        outcome = take_back(order_import.changes, by=by)
        gone, stay = take_away(order_import)
        cursor.execute(KEEP, params)
        kept = cursor.rowcount
        cursor.execute(COUNT_REFUNDED)
        cursor.execute(GONE, params)
    return Outcome(outcome.restored + going + gone, outcome.kept + kept + stay)


def take_some_away(order_import: Import, part: tuple[int, int]) -> int:
    """Orders behind the one id and up to the other, with what came with them. Call it inside a transaction."""
    params = {"id": order_import.pk, "changes": order_import.changes_id, "after": part[0], "upto": part[1]}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.goes, pg_temp.given")
        cursor.execute(GOES.format(unless=" ".join(_pointing()), part=OF_PART.format("o")), params)
        going = cursor.rowcount
        cursor.execute("CREATE UNIQUE INDEX ON goes (id)")
        cursor.execute("ANALYZE goes")
        cursor.execute(THEIR_REFUNDS)
        going += cursor.rowcount
        for statement in GO if in_parts.begun(order_import) else (BEGIN, *GO):
            cursor.execute(statement, params)
    return going


def _pointing() -> list[str]:
    """Whatever else holds on to an order, as the model registry says."""
    return [
        POINTED_AT.format(table=quoted(child.name), column=quoted(column))
        for child, column in table_of(Order).children
        if child.label not in OWN
    ]
