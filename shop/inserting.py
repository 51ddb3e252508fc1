"""New rows of one table in one plain statement, for what every request writes: the statement is put together once.

As `save(force_insert=True)` without signals, of which there are none here, and without a look at related rows.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from shop.asking import ask


def insert(*rows: models.Model) -> None:
    """All of one model, none with a number yet; what the database makes of them (number, sums) is in them then."""
    if rows:
        _insert(rows)


def insert_unless_there(row: models.Model) -> bool:
    """False: there is one already, or another transaction has just made it. Nothing breaks over it."""
    return _insert([row], " ON CONFLICT DO NOTHING")


def _insert(rows: Sequence[models.Model], or_else: str = "") -> bool:
    connection: Any = connections[DEFAULT_DB_ALIAS]
    head, one, tail, fields, returned = _statement(type(rows[0]))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    made = ask(head + ", ".join([one] * len(rows)) + or_else + tail, values)
    if or_else and not made:
        return False
    for row, found in zip(rows, made, strict=True):
        for name, value in zip(returned, found, strict=True):
            setattr(row, name, value)
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return True


@cache
def _statement(model: type[models.Model]) -> tuple[str, str, str, tuple[Any, ...], tuple[str, ...]]:
    meta: Any = model._meta
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = tuple(field for field in meta.local_concrete_fields if not field.generated and not field.primary_key)
    returned = tuple(meta.db_returning_fields)
    columns = ", ".join(quote(field.column) for field in fields)
    head = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES "
    tail = " RETURNING " + ", ".join(quote(field.column) for field in returned)
    return head, f"({', '.join(['%s'] * len(fields))})", tail, fields, tuple(field.attname for field in returned)
