"""The whole site as processes of its own, on the database of the test (or one of its own) and a Valkey that can be
taken away."""

import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from doors.guard import Guard
from doors.homes import throwaway_home
from doors.processes import Child, Program, last_lines, start
from doors.valkey import Valkey

CELERY = ("-m", "celery", "--app", "config", "--skip-checks")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def wait_until(true: Callable[[], bool], within: float, what: str) -> float:
    """Seconds it took."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within and not true():  # who was held up after the look looks again
            raise AssertionError(f"{what}: not within {within:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - began


class Site:
    def __init__(self, folder: Path, guard: Guard, database_url: str = "") -> None:
        self.folder, self.guard, self.database_url = folder, guard, database_url or the_tests_own()
        self.home = throwaway_home("valkey", reachable=False)
        self.valkey = Valkey(self.home, folder / "valkey.log")
        self.children: list[Child] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = self.listener.getsockname()

    def start(self) -> None:
        self.start_redis()
        fd = self.listener.fileno()
        web = ("-m", "gunicorn", "config.wsgi", f"--bind=fd://{fd}", "--worker-class=gthread", "--workers=2")
        self._run("web", *web, "--threads=8", "--no-control-socket", pass_fds=[fd])
        self._run("relay", "manage.py", "relay")
        self.worker = self.start_worker()

    def start_redis(self) -> None:
        self.redis = start(self.valkey.program(), self.guard)
        wait_until(self.valkey.ready, 300, "Valkey starts")

    def stop_redis(self) -> None:
        self.redis.stop()

    def freeze_redis(self) -> None:
        self.redis.process.send_signal(signal.SIGSTOP)

    def thaw_redis(self) -> None:
        self.redis.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop()
        self.thaw_redis()
        self.redis.stop()
        self.listener.close()
        shutil.rmtree(self.home.path, ignore_errors=True)

    def start_worker(self) -> Child:
        self._run("worker", *CELERY, "worker", "--concurrency=1", "--loglevel=INFO", *QUIET)
        return self.children[-1]

    def everything_logged(self) -> str:
        return "".join(child.program.log.read_text(errors="replace") for child in self.children if child.program.log)

    def logs(self) -> str:
        return "\n".join(f"{c.program.name}:\n{last_lines(c.program.log, 8)}" for c in self.children)

    def _run(self, name: str, *argv: str, **how: object) -> None:
        program = Program(
            name,
            [sys.executable, *argv],
            self._environment(name),
            log=self.folder / f"{name}.log",
            stop_within=8.0,
            **how,
        )
        self.children.append(start(program, self.guard))

    def _environment(self, role: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.valkey.url(),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "REGULARS_ROLE": role,
            "REGULARS_TESTING": "1",
            "REMAP_SIGTERM": "SIGQUIT",
        }


def the_tests_own() -> str:
    """The database that the tests see through Django."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def running_site(folder: Path, database_url: str = "") -> Iterator[Site]:
    guard = Guard()
    site = Site(folder, guard, database_url)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        guard.dismiss()
