"""Brings orders in: customers without a card, orders, refunds, lines."""

from typing import Any

from django.db import connection

from crm.imports.columns import Mapping
from crm.imports.inserting import insert
from crm.imports.kinds import Say
from crm.imports.orders.fields import has_lines
from crm.imports.reach import told
from crm.models import ChangeSet, Customer, Import, Order, OrderLine, Refund
from crm.undo.recording import note_after, note_before, note_created, noting

# Numbered as they come in the file: what is sorted there by customer stays sorted, and the numbers of orders, which
# mostly rise with it, are written into their indexes side by side.
NEWCOMER = """
    CREATE TEMP TABLE newcomer ON COMMIT DROP AS
    SELECT external, nextval((SELECT pg_get_serial_sequence('crm_customer', 'id'))) AS id, since, country, ordered
      FROM (SELECT customer AS external, least(min(placed_at), now()) AS since, coalesce(max(country), '') AS country,
                   bool_or(NOT gives_back) AS ordered
              FROM matched WHERE customer_id IS NULL AND verdict = 'create' GROUP BY customer
             ORDER BY min(line)) AS come
"""
IDENTIFIERS = """
    INSERT INTO crm_identifier (customer_id, kind, source, value, normalised, brought_by)
    SELECT id, 'external', %(source)s, external, external, %(id)s FROM newcomer
"""

# In the order in which figures are read: each customer's orders side by side. Sorted with what the file tells and
# nothing else; what is the same for all is added to the sorted rows.
PLACED = """
      FROM (SELECT {owner} AS owner, matched.reference, matched.placed_at, matched.amount FROM matched {join}
             WHERE NOT gives_back AND verdict = 'create' AND customer_id {known}
             ORDER BY 1, matched.placed_at) AS placed
"""
BY_KNOWN = PLACED.format(owner="customer_id", join="", known="IS NOT NULL")
BY_NEWCOMERS = PLACED.format(
    owner="newcomer.id", join="JOIN newcomer ON newcomer.external = matched.customer", known="IS NULL"
)
NEWCOMERS_REACH = "SELECT id, false, false, ordered, ordered FROM newcomer"

# Orders that were here, and that this file changes itself or by its refunds.
TOUCHED_ORDERS = """
    SELECT known_id FROM matched WHERE NOT gives_back AND verdict = 'change'
     UNION SELECT refund.order_id FROM matched JOIN crm_refund AS refund ON refund.id = matched.known_id
     WHERE matched.gives_back AND matched.verdict = 'change' AND refund.order_id IS NOT NULL
     UNION SELECT here.id FROM matched JOIN crm_order AS here ON here.source = %(source)s
                                                             AND here.reference = matched.refund_of
     WHERE matched.gives_back AND matched.verdict IN ('create', 'change')
"""
CHANGED_REFUNDS = "SELECT known_id FROM matched WHERE gives_back AND verdict = 'change'"
ORDER_FIELDS = ("total", "goods", "placed_at", "paid_at", "refunded")
REFUND_FIELDS = ("amount", "at", "order_id")

# Refunds of changed orders are counted anew below; until then none may exceed the new amount.
LOOSEN = """
    UPDATE crm_order SET refunded = 0
      FROM (SELECT known_id AS id FROM matched WHERE NOT gives_back AND verdict = 'change'
             UNION SELECT refund.order_id FROM matched JOIN crm_refund AS refund ON refund.id = matched.known_id
             WHERE matched.gives_back AND matched.verdict = 'change') AS touched
     WHERE crm_order.id = touched.id AND crm_order.refunded <> 0
    RETURNING crm_order.id
"""
CHANGE_ORDERS = """
    UPDATE crm_order
       SET total = matched.amount, goods = matched.amount, placed_at = matched.placed_at,
           paid_at = CASE WHEN paid_at IS NOT NULL THEN matched.placed_at END
      FROM matched
     WHERE NOT matched.gives_back AND matched.verdict = 'change' AND crm_order.id = matched.known_id
"""
REFUNDS = """
    INSERT INTO crm_refund (customer_id, order_id, source, reference, at, amount, note, brought_by)
    SELECT coalesce(matched.customer_id, newcomer.id), refunded.id, %(source)s, matched.reference,
           matched.placed_at, matched.amount, '', %(id)s
      FROM matched
      LEFT JOIN newcomer ON newcomer.external = matched.customer
      LEFT JOIN crm_order AS refunded ON matched.refund_of IS NOT NULL AND refunded.source = %(source)s
                                     AND refunded.reference = matched.refund_of
     WHERE matched.gives_back AND matched.verdict = 'create'
    RETURNING order_id
"""
CHANGE_REFUNDS = """
    UPDATE crm_refund
       SET amount = matched.amount, at = matched.placed_at, order_id = coalesce(refunded.id, crm_refund.order_id)
      FROM matched
      LEFT JOIN crm_order AS refunded ON matched.refund_of IS NOT NULL AND refunded.source = %(source)s
                                     AND refunded.reference = matched.refund_of
     WHERE matched.gives_back AND matched.verdict = 'change' AND crm_refund.id = matched.known_id
    RETURNING crm_refund.order_id
"""
COUNT_REFUNDED = """
    UPDATE crm_order SET refunded = given.amount
      FROM (SELECT order_id, sum(amount) AS amount FROM crm_refund WHERE order_id = ANY(%(orders)s) GROUP BY 1) AS given
     WHERE crm_order.id = given.order_id
"""
TOUCHED = """
    INSERT INTO crm_importedcustomer (import_id, customer_id)
    SELECT %(id)s::bigint, id FROM newcomer
     UNION
    SELECT %(id)s::bigint, customer_id FROM matched WHERE customer_id IS NOT NULL AND verdict IN ('create', 'change')
"""

# Lines of orders of this file, as they should be.
LINES = """
    CREATE TEMP TABLE line ON COMMIT DROP AS
    SELECT here.id AS order_id, row_number() OVER (PARTITION BY here.id ORDER BY row.line) AS position,
           coalesce(row.sku, '') AS sku, coalesce(row.name, '') AS name, coalesce(row.category, '') AS category,
           coalesce(row.quantity, 1) AS quantity, {paid} AS paid
      FROM matched
      JOIN {staging} AS row ON row.reference = matched.reference AND NOT row.refund
      JOIN crm_order AS here ON here.source = %(source)s AND here.reference = matched.reference
     WHERE NOT matched.gives_back AND matched.verdict IN ('create', 'change', 'same')
"""
# Whatever the planner was told of the tables, each line is looked up: compared with all others, a file takes minutes.
LINES_BY_ORDER = "CREATE INDEX ON line (order_id); ANALYZE line"
RELINED_BY_ORDER = "CREATE INDEX ON relined (order_id); ANALYZE relined"
# Orders whose lines differ from those here: all of theirs are written anew.
OTHER_LINES = """
    CREATE TEMP TABLE relined ON COMMIT DROP AS
    SELECT DISTINCT order_id FROM (
        (SELECT * FROM line EXCEPT ALL
         SELECT order_id, position, sku, name, category, quantity, paid FROM crm_orderline
          WHERE order_id IN (SELECT order_id FROM line))
        UNION ALL
        (SELECT order_id, position, sku, name, category, quantity, paid FROM crm_orderline
          WHERE order_id IN (SELECT order_id FROM line) EXCEPT ALL SELECT * FROM line)) AS other
"""
# Lines of new orders go with their orders.
OTHERS_LINES = """
    SELECT line.id FROM crm_orderline AS line JOIN crm_order AS here ON here.id = line.order_id
     WHERE line.order_id IN (TABLE relined) AND here.brought_by IS DISTINCT FROM %(id)s
"""
LINE_PRICE = "CASE WHEN quantity = 0 THEN 0 ELSE round(paid / quantity, 3) END"


def write(order_import: Import, mapping: Mapping, counts: dict[str, Any], say: Say) -> dict[str, Any]:
    """Customers, orders, refunds and lines, as `matched` says. New cards, orders and refunds carry the import's number;
    what else is made or changed is noted (crm.undo)."""
    params: dict[str, Any] = {"id": order_import.pk, "source": order_import.source}
    changes = ChangeSet.objects.create(kind=ChangeSet.Kind.IMPORT, by=order_import.created_by)
    order_import.remember(changes=changes)
    written = {}
    with connection.cursor() as cursor:
        say("customers")
        orders, refunds = _ids(cursor, TOUCHED_ORDERS, params), _ids(cursor, CHANGED_REFUNDS)
        with told(cursor, NEWCOMERS_REACH):
            written["customers_create"] = _write_customers(cursor, params)
            say("orders")
            cursor.execute(_placing(BY_NEWCOMERS), params)
        with (
            noting(changes, Order, orders, fields=ORDER_FIELDS),
            noting(changes, Refund, refunds, fields=REFUND_FIELDS),
        ):
            _write_orders(cursor, params)
            say("refunds")
            _write_refunds(cursor, params)
        if has_lines(mapping):
            say("lines")
            written["lines_written"] = _write_lines(cursor, order_import, mapping, params, changes)
        cursor.execute(TOUCHED, params)
    return written


def _ids(cursor: Any, statement: str, params: dict[str, Any] | None = None) -> list[int]:
    cursor.execute(statement, params)
    return [pk for (pk,) in cursor.fetchall()]


def _write_customers(cursor: Any, params: dict[str, Any]) -> int:
    cursor.execute(NEWCOMER)
    cursor.execute("ANALYZE newcomer")
    known = {"id": "id", "source": "%(source)s", "country": "country", "created_at": "since", "brought_by": "%(id)s"}
    cursor.execute(insert(Customer, known, "FROM newcomer"), params)
    cursor.execute(IDENTIFIERS, params)
    return cursor.rowcount


def _write_orders(cursor, params: dict[str, Any]) -> None:
    cursor.execute(LOOSEN)
    params["orders"] = [pk for (pk,) in cursor.fetchall()]
    cursor.execute(CHANGE_ORDERS)
    cursor.execute(_placing(BY_KNOWN), params)


def _placing(placed: str) -> str:
    known = {
        "customer_id": "owner",
        "source": "%(source)s",
        "reference": "reference",
        "placed_at": "placed_at",
        "paid_at": "placed_at",
        "goods": "amount",
        "total": "amount",
        "brought_by": "%(id)s",
    }
    return insert(Order, known, placed)


def _write_refunds(cursor, params: dict[str, Any]) -> None:
    for statement in (REFUNDS, CHANGE_REFUNDS):
        cursor.execute(statement, params)
        params["orders"] += [pk for (pk,) in cursor.fetchall() if pk]
    if params["orders"]:
        cursor.execute(COUNT_REFUNDED, params)


def _write_lines(
    cursor: Any, order_import: Import, mapping: Mapping, params: dict[str, Any], changes: ChangeSet
) -> int:
    paid = "coalesce(row.line_amount, 0)" if "line_amount" in mapping.columns else "row.amount"
    cursor.execute(LINES.format(staging=order_import.staging, paid=paid), params)
    for statement in (LINES_BY_ORDER, OTHER_LINES, RELINED_BY_ORDER):
        cursor.execute(statement)
    note_before(changes, OrderLine, _ids(cursor, "SELECT id FROM crm_orderline WHERE order_id IN (TABLE relined)"))
    cursor.execute("DELETE FROM crm_orderline WHERE order_id IN (TABLE relined)")
    note_after(changes, OrderLine)
    known = {name: name for name in ("order_id", "position", "sku", "name", "category", "quantity", "paid")}
    known["unit_price"] = LINE_PRICE
    rest = "FROM line WHERE order_id IN (SELECT order_id FROM relined)"
    cursor.execute(insert(OrderLine, known, rest), params)
    written = cursor.rowcount
    note_created(changes, OrderLine, _ids(cursor, OTHERS_LINES, params))
    return written
