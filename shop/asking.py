"""Statements that nearly every request sends: PostgreSQL reads and plans them once a connection, not each time.

Only for statements that are always written the same, values apart. Through a pool of connections between us and the
database, such as PgBouncer, it must know of prepared statements (docs/operations.md).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache, partial
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg.types.numeric import Int8

Row = TypeVar("Row", bound=models.Model)
Values = Sequence[Any] | Mapping[str, Any]


class _Cursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None) -> Any:
        return super().execute(query, params, prepare=True)  # type: ignore[misc]


def ask(statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """The rows it gives."""
    wire: Any = connections[DEFAULT_DB_ALIAS]  # looked up once: django.db.connection does it for every attribute
    wire.ensure_connection()
    cursor: Any = _Cursor(wire.connection)  # type: ignore[call-arg]
    if wire.queries_logged:
        cursor = wire._prepare_cursor(cursor)
    with closing(cursor), wire.wrap_database_errors:
        wire.validate_no_broken_transaction()
        cursor.execute(statement, _sized(values))
        return cursor.fetchall() if cursor.pgresult.nfields else []


def ask_one(statement: str, values: Values = ()) -> Any:
    """The one row it gives, or None."""
    rows = ask(statement, values)
    return rows[0] if rows else None


def find(model: type[Row], pk: int) -> Row | None:
    """As `objects.filter(pk=pk).first()`."""
    names, statement, readers = _by_number(model)
    row = ask_one(statement, [pk])
    if row is None:
        return None
    values = list(row)
    for at, read in readers:
        values[at] = read(values[at])
    return model.from_db(DEFAULT_DB_ALIAS, names, values)


@cache
def _by_number(model: type[Any]) -> tuple[list[str], str, list[tuple[int, Callable[[Any], Any]]]]:
    fields, quote = model._meta.concrete_fields, connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    table, number = quote(model._meta.db_table), quote(model._meta.pk.column)
    readers: list[tuple[int, Callable[[Any], Any]]] = [
        (at, partial(field.from_db_value, expression=field.get_col(model._meta.db_table), connection=connection))
        for at, field in enumerate(fields)
        if hasattr(field, "from_db_value")  # JSON, for one
    ]
    statement = f"SELECT {columns} FROM {table} WHERE {number} = %s"
    return [field.attname for field in fields], statement, readers


def _sized(values: Values) -> Values:
    """A small number and a large one are of one type, so that they are of one statement."""
    if isinstance(values, Mapping):
        return {name: Int8(value) if type(value) is int else value for name, value in values.items()}
    return [Int8(value) if type(value) is int else value for value in values]
