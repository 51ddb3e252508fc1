"""Notes what rows were before a change and what they are after it, so that it can be taken back.

    with noting(change_set, Customer, ids, fields=("owner_id",)):
        Customer.objects.filter(pk__in=ids).update(owner=owner)
    note_created(change_set, Tagging, made_ids)

Everything in the transaction of the change itself; of a changed row only what differs is kept.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from django.db.transaction import TransactionManagementError

from crm.models import ChangeSet
from crm.undo.tables import Table, append_only, noted_columns, quoted, table_of

Rows = Iterable[int] | models.QuerySet[Any]


class NeverUndone(Exception):
    """Rows of an append-only table stay: they gain entries that say the opposite."""


_NOTE = """
    INSERT INTO crm_change AS noted (changes_id, model, row_id, customer_id, {moment}, kept)
    SELECT %(set)s, %(label)s, t.{pk}, {customer}, {value}, ''
      FROM (SELECT * FROM {table} WHERE {pk} IN ({rows}) ORDER BY {pk} {lock}) AS t
    ON CONFLICT (changes_id, model, row_id) DO UPDATE SET {again}
"""

# Noted twice: the oldest value of a field is the one to go back to.
_AGAIN = "before = EXCLUDED.before || noted.before, after = NULL"

_DIFFERENCE = """
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(key, {old}) AS before, jsonb_object_agg(key, {new}) AS after
          FROM jsonb_each(c.before) AS field (key, value) WHERE value IS DISTINCT FROM now.it -> key
    ) AS differs ON c.before IS NOT NULL
"""

_AFTER = """
    UPDATE crm_change AS noted SET before = became.before, after = became.after
      FROM (SELECT c.id, differs.before, CASE WHEN c.before IS NULL THEN now.it ELSE differs.after END AS after
              FROM crm_change AS c JOIN {table} AS t ON t.{pk} = c.row_id
             CROSS JOIN LATERAL (SELECT CASE WHEN c.before IS NULL THEN {row} ELSE {part} END AS it OFFSET 0) AS now
              {difference}
             WHERE c.changes_id = %(set)s AND c.model = %(label)s {only}) AS became
     WHERE noted.id = became.id
"""

# Nothing differs, or made and deleted by the same move.
_NOTHING = """
    DELETE FROM crm_change AS c WHERE c.changes_id = %(set)s AND c.model = %(label)s {only}
       AND c.before IS NULL AND (c.after IS NULL OR NOT EXISTS (SELECT FROM {table} AS t WHERE t.{pk} = c.row_id))
"""


def note_before(change_set: ChangeSet, model: type[models.Model], rows: Rows, *, fields: Collection[str] = ()) -> int:
    """Lock these rows in the order of their ids and note them as they are. `fields`: columns, when no others change."""
    table = table_of(model)
    if unknown := set(fields) - set(table.columns):
        raise ValueError(f"{table.label} has no columns {sorted(unknown)}")
    value = table.part(fields) if fields else table.row
    return _note(change_set, table, rows, "before", value, _AGAIN, lock="FOR UPDATE")


def note_created(change_set: ChangeSet, model: type[models.Model], rows: Rows) -> int:
    """Rows that the change made, in this transaction: nobody else sees them yet. Taken back, they are deleted."""
    table = table_of(model)
    if append_only(table):
        raise NeverUndone(table.label)
    return _note(change_set, table, rows, "after", table.row, "after = EXCLUDED.after")


def note_after(change_set: ChangeSet, model: type[models.Model], ids: Collection[int] | None = None) -> None:
    """What the noted rows have become; `ids` when only these were noted since the last time."""
    _in_transaction()
    table = table_of(model)
    only = "" if ids is None else "AND c.row_id = ANY(%(ids)s)"
    asked: dict[str, Any] = {"set": change_set.pk, "label": table.label, "ids": None if ids is None else list(ids)}
    words = {"table": quoted(table.name), "pk": quoted(table.pk), "only": only}
    part = table.part(noted_columns(change_set, table, only, asked["ids"]))
    with connection.cursor() as cursor:
        cursor.execute(_AFTER.format(**words, row=table.row, part=part, difference=_difference(table)), asked)
        cursor.execute(_NOTHING.format(**words), asked)


@contextmanager
def noting(
    change_set: ChangeSet, model: type[models.Model], ids: Collection[int], *, fields: Collection[str] = ()
) -> Iterator[None]:
    note_before(change_set, model, ids, fields=fields)
    yield
    note_after(change_set, model, ids)


def _note(change_set: ChangeSet, table: Table, rows: Rows, moment: str, value: str, again: str, lock: str = "") -> int:
    _in_transaction()
    asked_rows, asked = _rows(rows)
    statement = _NOTE.format(
        table=quoted(table.name),
        pk=quoted(table.pk),
        customer=f"t.{quoted(table.customer)}" if table.customer else "NULL::bigint",
        moment=moment,
        value=value,
        rows=asked_rows,
        again=again,
        lock=lock,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**asked, "set": change_set.pk, "label": table.label})
        return cursor.rowcount


def _rows(rows: Rows) -> tuple[str, dict[str, Any]]:
    if not isinstance(rows, models.QuerySet):
        return "SELECT unnest(%(ids)s::bigint[])", {"ids": list(rows)}
    sql, params = rows.order_by().values("pk").query.sql_with_params()
    names = [f"row_{number}" for number in range(len(params))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, params, strict=True))


def _side(table: Table, one: str, other: str) -> str:
    """The value of a field; of a JSON object only the keys that differ, a missing one as null."""
    if not table.by_key:
        return one
    names = ", ".join(f"'{name}'" for name in table.by_key)
    keys = (
        f"(SELECT jsonb_object_agg(k, coalesce(({one}) -> k, 'null')) FROM jsonb_object_keys(({one}) || ({other})) AS k"
        f" WHERE ({one}) -> k IS DISTINCT FROM ({other}) -> k)"
    )
    return f"CASE WHEN key IN ({names}) THEN {keys} ELSE {one} END"


def _difference(table: Table) -> str:
    old, new = "value", "now.it -> key"
    return _DIFFERENCE.format(old=_side(table, old, new), new=_side(table, new, old))


def _in_transaction() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("a change is noted in the transaction that makes it")
