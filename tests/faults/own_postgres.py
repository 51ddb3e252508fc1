"""A PostgreSQL for one test, migrated, that can be stopped and killed while a site runs on it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from doors.guard import Guard
from doors.homes import throwaway_home
from doors.paths import ROOT
from doors.postgres import Postgres
from doors.processes import start
from tests.faults.running import wait_until


class OwnPostgres:
    """As in production it waits for its disk: what was committed survives a kill."""

    def __init__(self, folder: Path, guard: Guard) -> None:
        self.home, self.guard = throwaway_home("postgres", reachable=True), guard
        self.server = Postgres(self.home, self.home.path / "log")
        self.url = self.server.url("postgres")

    def start(self) -> None:
        self.child = start(self.server.program(), self.guard)
        wait_until(self.server.ready, 300, "PostgreSQL starts")

    def stop(self) -> None:
        self.child.stop()

    def freeze(self) -> None:
        """It takes connections and says nothing, as behind a disk that hangs."""
        self._to_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._to_all(signal.SIGCONT)

    def _to_all(self, said: signal.Signals) -> None:
        server = psutil.Process(self.child.process.pid)
        for process in [server, *server.children(recursive=True)]:
            process.send_signal(said)

    def kill(self) -> None:
        """The power fails: no farewell to anybody."""
        os.killpg(self.child.process.pid, signal.SIGKILL)
        self.child.end()

    def ask(self, query: str, *values: Any) -> Any:
        with psycopg.connect(self.url, autocommit=True) as wire:
            row = wire.execute(query, values).fetchone()
            return row[0] if row else None

    def manage(self, *argv: str, **env: str) -> str:
        environment = {**os.environ, "DATABASE_URL": self.url, "REGULARS_TESTING": "1", **env}
        command = [sys.executable, "manage.py", *argv]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    guard = Guard()
    postgres = OwnPostgres(folder, guard)
    try:
        postgres.start()
        postgres.manage("migrate", "--no-input", "--verbosity", "0")
        yield postgres
    finally:
        postgres.stop()
        guard.dismiss()
        shutil.rmtree(postgres.home.path, ignore_errors=True)
