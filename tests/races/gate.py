"""A gate in the database, for races of processes of their own: whoever has looked waits here until others have too."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from django.db import connection

from tests.faults.running import wait_until
from tests.races.unguarded import GATE

_WAITING = f"""
    SELECT count(*) FROM pg_locks
     WHERE locktype = 'advisory' AND objid = {GATE} AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_or(pg_backend_pid() = ANY(pg_blocking_pids(pid))) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@contextmanager
def closed_until(waiting: int) -> Iterator[None]:
    """Opens once so many stand before it, and stays open."""
    closed = Event()
    with ThreadPoolExecutor(1) as pool:
        gate = pool.submit(_keep, waiting, closed)
        closed.wait(300)
        yield
        gate.result(300)


def _keep(waiting: int, closed: Event) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock({GATE})")
            closed.set()

            def so_many() -> bool:
                cursor.execute(_WAITING)
                return int(cursor.fetchone()[0]) >= waiting

            wait_until(so_many, 300, f"{waiting} wait at the gate")
    finally:
        closed.set()
        connection.close()
