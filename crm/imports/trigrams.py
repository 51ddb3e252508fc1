"""Indexes of trigrams first put what is new on a list, and sort it in when that has grown. Of a large import somebody
else does so, on a connection of their own, while the import writes on: there is a second processor."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection

MANY = 20_000  # rows; fewer are sorted in sooner than somebody else has begun
LONGEST = "64MB"  # then the import sorts in itself; a search reads the list, too
PAUSE = 2.0  # seconds; the more there is, the less each costs

INDEXES = """
    SELECT indexrelid::regclass::text FROM pg_index
      JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
     WHERE amname = 'gin' AND indrelid = ANY (%s::text[]::regclass[])
"""
SORT_IN = "SELECT gin_clean_pending_list(%s::text::regclass)"

log = logging.getLogger(__name__)


@contextmanager
def sorted_in_beside(tables: Sequence[str], rows: int) -> Iterator[None]:
    """Call it inside a transaction that writes so many rows of these tables within."""
    if rows < MANY:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gin_pending_list_limit', %s, true)", [LONGEST])
    written = threading.Event()
    other = threading.Thread(target=_sort_in, args=(list(tables), written), name="sorts in", daemon=True)
    other.start()
    try:
        yield
    finally:
        written.set()
        other.join()


def _sort_in(tables: list[str], written: threading.Event) -> None:
    """Once more at the end, so that the next one who writes a card does not have to."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            indexes = _indexes(cursor, tables)
            last = False
            while not last:
                last = written.wait(PAUSE)
                for index in indexes:
                    cursor.execute(SORT_IN, [index])
    except DatabaseError as error:  # only slower without
        log.warning("trigrams are not sorted in beside an import", extra={"error": type(error).__name__})
    finally:
        connection.close()


def _indexes(cursor: Any, tables: list[str]) -> list[str]:
    cursor.execute(INDEXES, [tables])
    return [name for (name,) in cursor.fetchall()]
