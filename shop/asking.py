"""Statements that nearly every request sends: PostgreSQL reads and plans them once a connection, not each time.

Only for statements that are always written the same, values apart. Through a pool of connections between us and the
database, such as PgBouncer, it must know of prepared statements (docs/operations.md).
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg._preparing import Prepare
from psycopg._queries import _query2pg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from psycopg.types.numeric import Int8

Row = TypeVar("Row", bound=models.Model)
KEYS = range(1, 2**63)  # what a row can have; an address may name any number
Values = Sequence[Any] | Mapping[str, Any]


class _Cursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None) -> Any:
        return super().execute(query, params, prepare=True)  # type: ignore[misc]


def ask(statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """The rows it gives."""
    wire: Any = connections[DEFAULT_DB_ALIAS]  # looked up once: django.db.connection does it for every attribute
    wire.ensure_connection()
    if wire.queries_logged:
        return _seen(wire, statement, _sized(values))
    with wire.wrap_database_errors:
        wire.validate_no_broken_transaction()
        driver = wire.connection
        with driver.lock:
            return driver.wait(_answers(driver, statement, _sized(values)))


def _seen(wire: Any, statement: str, values: Values) -> list[tuple[Any, ...]]:
    """The same where statements are counted or logged: through Django's cursors, which do that."""
    with closing(wire._prepare_cursor(_Cursor(wire.connection))) as cursor:  # type: ignore[call-arg]
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.pgresult.nfields else []


class _Sent(NamedTuple):
    """By what the driver knows a statement that it has prepared."""

    query: bytes
    types: tuple[int, ...]


def _answers(driver: Any, statement: str, values: Values) -> Generator[Any, Any, list[tuple[Any, ...]]]:
    """What a cursor of psycopg does for one statement with one answer, without the cursor: it took longer to make."""
    yield from driver._start_query()  # begins the transaction
    query, formats, order = _read(statement)
    transformer, wire, kept = Transformer(driver), driver.pgconn, driver._prepared
    params = transformer.dump_sequence([values[name] for name in order] if order else values, formats)  # type: ignore
    sent = _Sent(query, transformer.types or ())
    prepare, name = kept.get(sent, True)
    if prepare is Prepare.SHOULD:
        wire.send_prepare(name, sent.query, sent.types)
        _checked((yield from execute(wire)))
    wire.send_query_prepared(name, params, param_formats=transformer.formats)
    key = kept.maybe_add_to_cache(sent, prepare, name)
    results = yield from execute(wire)
    if key is not None:
        kept.validate(key, prepare, name, results)
    yield from kept.maintain_gen(driver)
    result = _checked(results)
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, tuple) if result.nfields else []


def _checked(results: list[Any]) -> Any:
    (result,) = results
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise error_from_result(result)
    return result


@lru_cache(512)
def _read(statement: str) -> tuple[bytes, Any, list[str] | None]:
    query, formats, order, _parts = _query2pg(statement.encode(), "utf-8")
    return query, formats, order


def ask_one(statement: str, values: Values = ()) -> Any:
    """The one row it gives, or None."""
    rows = ask(statement, values)
    return rows[0] if rows else None


def find(model: type[Row], pk: int) -> Row | None:
    """As `objects.filter(pk=pk).first()`."""
    if pk not in KEYS:
        return None
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
