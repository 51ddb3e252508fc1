"""Tables are made afresh beside the ones in use and take their place in one short transaction."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from django.db import OperationalError, connection, transaction
from django.db.models import Model
from psycopg import Cursor
from psycopg.copy import QueuedLibpqWriter

from analytics.beside import Beside
from analytics.models import Figures, Generation, PurchaseDays, Scores, Stale
from analytics.publishing import copying, history
from analytics.purchases import summary
from analytics.purchases.reading import Purchases, written
from analytics.purchases.summary import Customers
from analytics.scoring.scoring import NEVER

SCORES = Scores._meta.db_table
LASTING = (Figures._meta.db_table, PurchaseDays._meta.db_table)  # of nearly everybody they stay the same
TABLES = (SCORES, *LASTING)
NEXT = "_next"

RUN = 7_340_101  # advisory lock: one full run at a time
SWITCH = 7_340_102  # advisory lock: refreshing shares it, the switch holds it alone

# What nobody is found or sorted by needs no statistics.
SHOWN_ONLY = {
    *("generation", "last_spend", "gaps", "usual_gap", "gap_low", "gap_high", "nine_of_ten"),
    *("p_alive", "p_silent_90", "expected_365", "expected_spend", "value_365"),
}
PRECISE = 15  # statistics target of the figures: 4,500 rows looked at; the usual 30,000 took longer than the indexes

_LONG = """
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL max_parallel_maintenance_workers = 0;
    SET LOCAL synchronous_commit = off;
"""

TRIES, PATIENCE = 120, "20ms"  # of the switch, for readers in its way: so long others may wait behind it

# Cleaning only gives way to whoever has waited for a second, which the switch never does: it would wait until all is
# clean. These tables come frozen, with statistics of their own, and who writes into them cleans them.
NOT_CLEANED = "(autovacuum_enabled = false, toast.autovacuum_enabled = false)"

# Of the rows, or so many; and the time until it is looked at again.
SHARE_DEAD, FEW_DEAD, PAUSE = 0.005, 1_000, "10 minutes"

_DIRTY = """
    SELECT pg_stat_get_dead_tuples(oid) > greatest(%(few)s, %(share)s * reltuples)
       AND coalesce(pg_stat_get_last_vacuum_time(oid), '-infinity') < now() - %(pause)s::interval
      FROM pg_class WHERE oid = %(table)s::regclass
"""

_KINDS = {
    "BigIntegerField": "bigint",
    "IntegerField": "integer",
    "SmallIntegerField": "smallint",
    "FloatField": "double",
    "DateField": "date",
    "DecimalField": "money",
    "CharField": "text",
    "OneToOneField": "bigint",
    "ForeignKey": "bigint",
    "PositiveIntegerField": "integer",
    "BooleanField": "boolean",
}

Index = tuple[str, str, bool]  # name, definition, whether of the primary key

_INDEXES = """
    SELECT name.relname, pg_get_indexdef(index.indexrelid), index.indisprimary
      FROM pg_index AS index JOIN pg_class AS name ON name.oid = index.indexrelid
     WHERE index.indrelid = %s::regclass ORDER BY pg_relation_size(index.indexrelid) DESC, name.relname
"""


def make_next_tables() -> None:
    """An empty one of scores; those of a run that was killed go. What lasts gets its own when it needs it."""
    drop_next_tables()
    with connection.cursor() as cursor:
        _make_next(cursor, SCORES)


def drop_next_tables() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {table}{NEXT}")


def _make_next(cursor: Any, table: str) -> None:
    kept = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
    cursor.execute(f"CREATE TABLE {table}{NEXT} (LIKE {table} {kept}) WITH {NOT_CLEANED}")


def copy_to(model: type[Model], columns: dict[str, Any], suffix: str = "") -> None:
    """Rows of a model; a key that the database counts up is left to it."""
    _copy_parts(model, [columns], suffix)


def _copy_parts(model: type[Model], parts: Iterable[dict[str, Any]], suffix: str = "", *, frozen: bool = False) -> None:
    fields = [field for field in model._meta.local_concrete_fields if field.column != "id"]
    data = copying.rows([_field(field, columns[str(field.column)]) for field in fields] for columns in parts)
    copy_rows(model._meta.db_table + suffix, [str(field.column) for field in fields], data, frozen)


def _field(field: Any, values: Any) -> copying.Field:
    kind = _KINDS[field.get_internal_type()]
    null = None
    if field.null:
        null = np.isnan(values) if values.dtype.kind == "f" else values == NEVER
    return copying.Field(field.column, kind, values, null)


def copy_purchase_days(purchases: Purchases, suffix: str = "", *, frozen: bool = False) -> None:
    sizes = np.bincount(purchases.index, minlength=len(purchases))
    columns = [
        copying.Series("date", purchases.day),
        copying.Series("integer", purchases.orders, packed=True),
        copying.Series("bigint", purchases.net, packed=True),
    ]
    data = copying.rows_with_series(purchases.customers, sizes, columns)
    copy_rows(PurchaseDays._meta.db_table + suffix, ["customer_id", "days", "orders", "net"], data, frozen)


def copy_rows(table: str, columns: list[str], data: Iterator[bytes], frozen: bool = False) -> None:
    """The server takes one piece in while the next is made."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY{', FREEZE' if frozen else ''})"
    connection.ensure_connection()
    cursor = Cursor(connection.connection)  # Django's own, while it logs, takes no writer
    with cursor.copy(statement, writer=_Ahead(cursor)) as copy:
        for piece in data:
            copy.write(piece)


class _Ahead(QueuedLibpqWriter):
    QUEUE_SIZE = 64  # pieces of 128 kB that wait for the server; with the usual 1,024 they take more than the figures


def delete_of(model: type[Model], ids: str, suffix: str = "") -> None:
    """ids: customers, as PostgreSQL writes an array."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}{suffix} WHERE customer_id = ANY(%s::bigint[])", [ids])


def copy_lasting(purchases: Purchases, customers: Customers, suffix: str = "") -> None:
    """What the orders of some customers add up to, and their purchase days."""
    copy_to(Figures, summary.figures(customers), suffix)
    copy_purchase_days(purchases, suffix)


def publish_lasting(purchases: Purchases, customers: Customers) -> history.Changes | None:
    """Fresh tables; or what is to be changed in those in use, where that is little."""
    changes = history.changes(purchases, customers)
    if changes is not None:
        return changes
    with _fresh(PurchaseDays._meta.db_table):
        copy_purchase_days(purchases, NEXT, frozen=True)
    with _fresh(Figures._meta.db_table) as cursor:
        _copy_parts(Figures, [summary.figures(customers)], NEXT, frozen=True)
        _learn_values(cursor, Figures)
    return None


@contextmanager
def _fresh(table: str) -> Iterator[Any]:
    """Within, the new table is filled; at the end it gets its indexes."""
    with _long() as cursor:
        _make_next(cursor, table)
        yield cursor
        indexes = _indexes(cursor, table)
        _make(table, indexes)
        _add_keys(cursor, table, indexes)


def clean(tables: tuple[str, ...] = TABLES) -> None:
    """Rows and places in the indexes that were given up can be used again, and lists are told by indexes alone again.

    Nobody waits for it, and inside somebody's transaction it is not done. Cleaning looks at what changed and tells the
    planner that the table is as full everywhere; so the rows are counted.
    """
    if connection.in_atomic_block:
        return
    counted = ", ".join(f"{table} (customer_id)" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = 0; SET default_statistics_target = {PRECISE}")
        try:
            cursor.execute(f"VACUUM (TRUNCATE false, PARALLEL 0, SKIP_LOCKED, INDEX_CLEANUP on) {', '.join(tables)}")
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {counted}")
        finally:
            cursor.execute("RESET statement_timeout; RESET default_statistics_target")


def clean_when_due() -> None:
    """On a busy day, after so many were refreshed; not again and again while somebody still reads the old rows."""
    with connection.cursor() as cursor:
        cursor.execute(_DIRTY, {"table": SCORES, "few": FEW_DEAD, "share": SHARE_DEAD, "pause": PAUSE})
        is_due = cursor.fetchone()[0]
    if is_due:
        clean()


def change_lasting(changes: history.Changes) -> None:
    """In the tables in use: call it in the transaction in which everybody sees the new scores."""
    for model in (Figures, PurchaseDays):
        delete_of(model, written(changes.ids.tolist()))
    if len(changes.purchases):
        copy_lasting(changes.purchases, changes.customers)


def publish_scores(parts: Iterable[dict[str, Any]]) -> None:
    """Columns of some customers after the others; they are made while the server takes in those before."""
    with _long() as cursor:
        _empty(cursor, SCORES)
        _copy_parts(Scores, parts, NEXT, frozen=True)
        _learn_values(cursor, Scores)


def _learn_values(cursor: Any, model: type[Model]) -> None:
    """Not of purchase days: nobody asks by value, and statistics of arrays cost more than the copying."""
    asked = [str(field.column) for field in model._meta.local_concrete_fields if field.column not in SHOWN_ONLY]
    cursor.execute(f"SET LOCAL default_statistics_target = {PRECISE}")
    cursor.execute(f"ANALYZE {model._meta.db_table}{NEXT} ({', '.join(asked)})")


def _empty(cursor: Any, table: str) -> None:
    """It is already; but what is copied into a table of this very transaction is frozen at once, for all to see."""
    cursor.execute(f"TRUNCATE {table}{NEXT}")


def index_scores(beside: Beside, progress: Callable[[int, int], None] | None = None) -> None:
    """On two connections, for each is sorted by one processor; the largest first, whoever is done takes the next."""
    with connection.cursor() as cursor:
        indexes = _indexes(cursor, SCORES)
    waiting = deque(indexes)
    others = beside.start(lambda: _make(SCORES, _taken(waiting)))
    with _long() as cursor:
        for index in _taken(waiting):
            if progress:
                progress(len(indexes) - len(waiting) - 1, len(indexes))
            _create(cursor, SCORES, index)
        others()
        _add_keys(cursor, SCORES, indexes)


def _taken(waiting: "deque[Index]") -> Iterator[Index]:
    with suppress(IndexError):  # nothing is left
        while True:
            yield waiting.popleft()


@contextmanager
def _long() -> Iterator[Any]:
    """A transaction that may take its time. Nobody reads what it makes before the switch, which waits for the disk."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LONG)
        yield cursor


def _make(table: str, indexes: Iterable[Index]) -> None:
    """The same indexes under the same names with a suffix; loading first and indexing after is twice as fast."""
    with _long() as cursor:
        for index in indexes:
            _create(cursor, table, index)


def _create(cursor: Any, table: str, index: Index) -> None:
    name, definition, _ = index
    cursor.execute(_definition_for_next(table, name, definition))


def _add_keys(cursor: Any, table: str, indexes: list[Index]) -> None:
    for name in (_next_name(name) for name, _, primary in indexes if primary):
        cursor.execute(f"ALTER TABLE {table}{NEXT} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}")


def _indexes(cursor: Any, table: str) -> list[Index]:
    cursor.execute(_INDEXES, [table])
    return cursor.fetchall()


def _definition_for_next(table: str, name: str, definition: str) -> str:
    head, rest = definition.split(" USING ", 1)
    unique = "UNIQUE " if head.startswith("CREATE UNIQUE") else ""
    return f"CREATE {unique}INDEX {_next_name(name)} ON {table}{NEXT} USING {rest}"


def _next_name(name: str) -> str:
    return f"{name[:58]}{NEXT}"


def switch(generation: Generation, catch_up: Callable[[], None], replaced: tuple[str, ...] = TABLES) -> None:
    """Everybody sees the new scores from one moment on. Readers wait for what needs no other work than this."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SWITCH])
        catch_up()
        Stale.objects.filter(covered_by=generation.pk).delete()
        generation.take_over()
        statements = [statement for table in replaced for statement in _replacing(cursor, table)]
        _keep_readers_out(cursor, replaced)
        _replace(cursor, statements)


def _keep_readers_out(cursor: Any, replaced: tuple[str, ...]) -> None:
    """Readers in the way are waited for, but never for long: whoever comes meanwhile stands behind us."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                cursor.execute(f"LOCK TABLE {', '.join(replaced)} IN ACCESS EXCLUSIVE MODE")
                return
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03" or attempt == TRIES - 1:
                raise
            time.sleep(0.05 * min(attempt + 1, 10))


def _replacing(cursor: Any, table: str) -> Iterator[str]:
    names = [name for name, _, _ in _indexes(cursor, table)]
    yield f"DROP TABLE {table}"
    yield f"ALTER TABLE {table}{NEXT} RENAME TO {table}"
    for name in names:
        yield f"ALTER INDEX {_next_name(name)} RENAME TO {name}"


def _replace(cursor: Any, statements: list[str]) -> None:
    """All in one message: readers wait for its end."""
    cursor.execute("; ".join(statements))
