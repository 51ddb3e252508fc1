"""Processor seconds by who used them, while clients, servers and PostgreSQL share one machine (Linux only)."""

import os
import time
from pathlib import Path

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """Of the servers, of the whole of PostgreSQL, and of ourselves, who play the clients."""

    def __init__(self, server: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            parent = _parents().get(cursor.fetchone()[0])  # None: it runs on another machine
        connection.close()
        self.roots = {"server": server, "database": parent}
        self.start()

    def start(self) -> None:
        self.before, self.said = self._now(), ""

    def stop(self, requests: int) -> None:
        """Milliseconds a request, worded."""
        spent = {name: 1000 * (now - self.before[name]) / max(requests, 1) for name, now in self._now().items()}
        self.said = ", ".join(f"{name} {ms:.1f}" for name, ms in spent.items()) + " ms of processor each"

    def _now(self) -> dict[str, float]:
        of = {name: _of_the_family(pid) for name, pid in self.roots.items() if pid}
        return of | {"clients": time.process_time()}


def _parents() -> dict[int, int]:
    return {pid: int(row[1]) for pid, row in _rows().items()}


def _of_the_family(root: int) -> float:
    rows = _rows()
    family, grown = {root}, True
    while grown:
        more = {pid for pid, row in rows.items() if int(row[1]) in family} - family
        family, grown = family | more, bool(more)
    return sum(int(ticks) for pid in family if pid in rows for ticks in rows[pid][11:15]) / TICKS


def _rows() -> dict[int, list[str]]:
    """What /proc says of each process, from its state on."""
    rows = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            rows[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
    return rows
