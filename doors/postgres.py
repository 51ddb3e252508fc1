"""The embedded PostgreSQL: the wheel's binaries (or the system's) as a foreground child on a Unix socket."""

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from doors import binaries, room
from doors.homes import Home
from doors.processes import Program, last_lines
from doors.refusal import Refusal

ROLE = "regulars"
LASTING = ("max_connections=100", "shared_buffers=256MB", "jit=off", "timezone=UTC", "log_timezone=UTC")
PORT = 5432

# Tests race with 64 threads, and several tests run at once.
THROWAWAY = (*LASTING, "max_connections=400", "fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    home: Home
    log: Path
    options: Sequence[str] = LASTING

    name: ClassVar[str] = "PostgreSQL"

    @property
    def data(self) -> Path:
        return self.home.path / "data"

    def url(self, database: str) -> str:
        # The port is part of the socket's name: said aloud, a PGPORT in somebody's environment changes nothing.
        return f"postgres://{ROLE}@:{PORT}/{database}?host={quote(str(self.home.sockets), safe='')}"

    def program(self) -> Program:
        """The server, ready to be started: its cluster made, what an earlier run left behind cleared."""
        bin = binaries.postgres(self.home.user)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(bin)
        self._check_version(bin)
        self._clear_stale_pid()
        settings = [
            "listen_addresses=",
            f"port={PORT}",
            f"unix_socket_directories={_quoted(self.home.sockets)}",
            *self.options,
        ]
        return Program(
            name="postgres",
            argv=[bin / "postgres", "-D", self.data, *(word for setting in settings for word in ("-c", setting))],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            cwd=self.home.path,
            log=self.log,
            user=self.home.user,
            stop_signal=signal.SIGINT,  # fast shutdown
            stop_within=30.0,
            orphan_signal=signal.SIGINT,
        )

    def ready(self) -> bool:
        return self._pid_file()[7:8] == ["ready"]

    def _make_cluster(self, bin: Path) -> None:
        initdb: list[str | Path] = [bin / "initdb", "-D", self.data, "-U", ROLE, "-A", "trust", "-E", "UTF8"]
        initdb += _locale(bin)
        if "fsync=off" in self.options:
            initdb.append("--no-sync")
        made = self.home.run(initdb)
        if made.returncode != 0:
            lines = made.stderr.strip().splitlines()
            why = next((line for line in lines if "error:" in line or "FATAL:" in line), lines[-1] if lines else "")
            raise Refusal(f"PostgreSQL could not make its data in {self.data}: {why}.{room.left(self.home.path)}")

    def _check_version(self, bin: Path) -> None:
        data, server = (self.data / "PG_VERSION").read_text().strip(), str(binaries.postgres_version(bin))
        if data != server:
            raise Refusal(
                f"The data in {self.data} were written by PostgreSQL {data} and this is PostgreSQL {server}: "
                "dump them with the old version, or move them away to start empty."
            )

    def _pid_file(self) -> list[str]:
        try:
            return [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except OSError:
            return []

    def _clear_stale_pid(self) -> None:
        """We hold the lock, so a server that still runs on these data is an orphan, and any other pid is not ours."""
        if not (lines := self._pid_file()):
            return
        pid = int(lines[0]) if lines[0].isdecimal() else 0
        deadline = time.monotonic() + 20
        while pid and str(self.data) in binaries.command_line(pid):
            if time.monotonic() > deadline:
                raise Refusal(f"Another PostgreSQL (process {pid}) runs on {self.data} and does not stop.")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            time.sleep(0.2)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def trouble(self) -> str:
        left = room.left(self.home.path)
        return f"PostgreSQL does not start.{left} Its log {self.log} ends with:\n{last_lines(self.log)}"


def _locale(bin: Path) -> list[str]:
    """Case and similarity of Cyrillic need a UTF-8 locale that every machine has: the builtin one, since 17."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*(builtin if binaries.postgres_version(bin) >= 17 else []), "--locale=C.UTF-8"]


def _quoted(path: Path) -> str:
    """unix_socket_directories is a comma-separated list of identifiers."""
    return '"' + str(path).replace('"', '""') + '"'
