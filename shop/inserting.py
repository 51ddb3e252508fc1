"""New rows of one table in one plain statement, for what every request writes: the statement is put together once.

As `save(force_insert=True)` without signals, of which there are none here, and without a look at related rows.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from shop.asking import ask


def insert(*rows: models.Model) -> None:
    """All of one model, all with a number or none; what the database makes of them (number, sums) is in them then."""
    if rows:
        _insert(rows)


def insert_unless_there(row: models.Model) -> bool:
    """False: there is one already, or another transaction has just made it. Nothing breaks over it."""
    return _insert([row], " ON CONFLICT DO NOTHING")


def _insert(rows: Sequence[models.Model], or_else: str = "") -> bool:
    connection: Any = connections[DEFAULT_DB_ALIAS]
    head, one, tail, fields, returned = _statement(type(rows[0]), rows[0].pk is not None)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    made = ask(head + ", ".join([one] * len(rows)) + or_else + tail, values)
    if or_else and not made:
        return False
    for row, found in zip(rows, made, strict=True):
        for name, value in zip(returned, found, strict=True):
            setattr(row, name, value)
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return True


def change(row: models.Model, **values: Any) -> None:
    """As `save(update_fields=…)` of a row that is there."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    for name, value in values.items():
        setattr(row, name, value)
    statement, fields = _changing(type(row), tuple(values))
    ask(statement, [*(field.get_db_prep_save(field.pre_save(row, False), connection) for field in fields), row.pk])


@cache
def _changing(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    meta: Any = model._meta
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = tuple(meta.get_field(name) for name in names)
    sets = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(meta.pk.column)} = %s", fields


def columns(model: type[models.Model]) -> dict[str, str]:
    """What a statement of one's own must write: by attribute the column, without the number and what is worked out."""
    return {field.attname: field.column for field in _written(model)}


def values_of(row: models.Model) -> dict[str, Any]:
    """The same columns of this row, as the database takes them."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    return {
        field.attname: field.get_db_prep_save(field.pre_save(row, True), connection) for field in _written(type(row))
    }


@cache
def _written(model: type[models.Model]) -> tuple[Any, ...]:
    fields = model._meta.local_concrete_fields
    return tuple(field for field in fields if not field.generated and not field.primary_key)


@cache
def _statement(model: type[models.Model], numbered: bool) -> tuple[str, str, str, tuple[Any, ...], tuple[str, ...]]:
    meta: Any = model._meta
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = ((meta.pk,) if numbered else ()) + _written(model)
    returned = tuple(meta.db_returning_fields)
    columns = ", ".join(quote(field.column) for field in fields)
    head = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES "
    tail = " RETURNING " + ", ".join(quote(field.column) for field in returned)
    return head, f"({', '.join(['%s'] * len(fields))})", tail, fields, tuple(field.attname for field in returned)
