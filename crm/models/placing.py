"""An order with its lines, its event and what must follow it, written by one statement that is put together once."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from crm.models.event import checked, reactions_to
from shop.asking import ask_one
from shop.inserting import columns, values_of

if TYPE_CHECKING:
    from crm.models.order import Order, OrderLine

# What a line brings, and as what PostgreSQL reads a list of it.
_LINE = {
    "sku": "text",
    "name": "text",
    "category": "text",
    "quantity": "numeric",
    "unit_price": "numeric",
    "discount": "numeric",
    "paid": "numeric",
    "cost": "numeric",
}

_PLACE = """
WITH placed AS (
    INSERT INTO crm_order ({columns}) VALUES ({values}) {unless} RETURNING id, net, net_goods
), lines AS (
    INSERT INTO crm_orderline (order_id, {line}, position)
    SELECT placed.id, line.* FROM placed CROSS JOIN unnest({lists}) WITH ORDINALITY AS line
), told AS (
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, order_id, actor, subject_type, data)
    SELECT 'order.placed', %(placed_at)s, %(now)s, %(customer_id)s, placed.id, %(actor)s, '', %(data)s FROM placed
 RETURNING id
), called AS (
    INSERT INTO crm_reaction (event_id, name, due_at, attempts, last_error)
    SELECT told.id, name, %(now)s, 0, '' FROM told CROSS JOIN unnest(%(names)s::text[]) AS name
)
SELECT placed.* FROM placed CROSS JOIN pg_notify('regulars', '')
"""


def write(order: "Order", lines: Sequence["OrderLine"], actor: str, *, unless_there: bool) -> bool:
    """False: there is one of this source and reference, and nothing was written."""
    of_lines = [values_of(line) for line in lines]
    values = values_of(order) | {f"line_{name}": [line[name] for line in of_lines] for name in _LINE}
    values |= {
        "now": timezone.now(),
        "actor": actor,
        "data": Jsonb(checked("order.placed", {"reference": order.reference, "total": str(order.total)})),
        "names": reactions_to("order.placed"),
    }
    row = ask_one(_statement(type(order), unless_there), values)
    if row is None:
        return False
    order.pk, order.net, order.net_goods = row
    order._state.adding, order._state.db = False, DEFAULT_DB_ALIAS
    return True


@cache
def _statement(model: type[Any], unless_there: bool) -> str:
    names = columns(model)
    return _PLACE.format(
        columns=", ".join(connection.ops.quote_name(name) for name in names.values()),
        values=", ".join(f"%({name})s" for name in names),
        unless="ON CONFLICT DO NOTHING" if unless_there else "",
        line=", ".join(_LINE),
        lists=", ".join(f"%(line_{name})s::{kind}[]" for name, kind in _LINE.items()),
    )
