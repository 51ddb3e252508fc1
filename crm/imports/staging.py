"""The table that holds the rows of one import between reading and applying. Unlogged: a crash empties it, and the
file is read again."""

import csv
import io
import json

from django.db import connection, transaction

from crm.imports.reading import Bad, Chunk
from crm.models import Import, RejectedRow

STAGE_LIMIT = "30min"  # a statement of a long job; screens have 5 s

REJECTED = f'{RejectedRow._meta.db_table} (import_id, line, "column", reason, cells)'
AS_CSV = 'FORMAT csv, FORCE_NOT_NULL ("column")'  # CSV cannot tell an empty text from none
NO_TEXT_IS_NULL = "NULL ''"


def take_time() -> None:
    """For the statements of this transaction only."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{STAGE_LIMIT}'")


@transaction.atomic
def create(order_import: Import, columns: str) -> None:
    drop(order_import)
    order_import.rejected.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE {order_import.staging} ({columns})")


def drop(order_import: Import) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {order_import.staging}")


@transaction.atomic
def add(order_import: Import, chunk: Chunk, zone: str) -> None:
    take_time()
    with connection.cursor() as cursor:
        # Times without an offset are on the shop's clock. An hour that the clock skips in spring counts
        # as the one after it, of an hour told twice in autumn the second is meant.
        cursor.execute("SELECT set_config('timezone', %s, true)", [zone])
        _copy(cursor, f"{order_import.staging} ({', '.join(chunk.columns)})", chunk.text, NO_TEXT_IS_NULL)
        cursor.execute("SELECT set_config('timezone', 'UTC', true)")
        _copy(cursor, REJECTED, _written(order_import, chunk.rejected), AS_CSV)


def _written(order_import: Import, rejected: list[Bad]) -> str:
    buffer = io.StringIO()
    rows = ((order_import.pk, bad.line, bad.column, bad.reason, json.dumps(bad.cells)) for bad in rejected)
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def _copy(cursor, target: str, text: str, options: str) -> None:
    if text:
        with cursor.copy(f"COPY {target} FROM STDIN ({options})") as copy:
            copy.write(text)


def finish(order_import: Import) -> int:
    """Fresh statistics, so that the statements to come are planned for this many rows. Returns the number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {order_import.staging}")
    return rows(order_import)


def rows(order_import: Import) -> int:
    """How many rows are there now: fewer than were read after a crash of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [order_import.staging])
        if not cursor.fetchone()[0]:
            return -1
        cursor.execute(f"SELECT count(*) FROM {order_import.staging}")
        return cursor.fetchone()[0]
