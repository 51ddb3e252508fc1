"""PostgreSQL and Valkey together: embedded unless DATABASE_URL / REDIS_URL name others."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from doors.guard import Guard
from doors.homes import postgres_home, throwaway_home, valkey_home
from doors.lock import STOPPING, Lock
from doors.paths import LOGS
from doors.postgres import THROWAWAY, Postgres
from doors.processes import Child, start
from doors.refusal import Refusal
from doors.valkey import Valkey

WITHIN = 60.0


@dataclass(frozen=True)
class Servers:
    """The embedded ones among the servers the site uses; None where the environment names another."""

    postgres: Postgres | None
    valkey: Valkey | None

    @classmethod
    def of_this_checkout(cls) -> "Servers":
        return cls(
            None if os.environ.get("DATABASE_URL") else Postgres(postgres_home(), LOGS / "postgres.log"),
            None if os.environ.get("REDIS_URL") else Valkey(valkey_home(), LOGS / "valkey.log"),
        )

    def database_url(self, database: str) -> str:
        return self.postgres.url(database) if self.postgres else os.environ["DATABASE_URL"]

    def redis_url(self) -> str:
        return self.valkey.url() if self.valkey else os.environ["REDIS_URL"]

    @property
    def embedded(self) -> list[Postgres | Valkey]:
        return [server for server in (self.postgres, self.valkey) if server]

    def start(self, guard: Guard) -> list[Child]:
        """In the order of starting; stop them in the other."""
        children: list[Child] = []
        try:
            children += [start(server.program(), guard) for server in self.embedded]
            for server, child in zip(self.embedded, children, strict=True):
                wait_until(server.ready, child, server.trouble)
        except BaseException:
            stop(children)
            raise
        return children


def wait_until(ready: Callable[[], bool], child: Child, trouble: Callable[[], str]) -> None:
    deadline = time.monotonic() + WITHIN
    while not ready():
        if not child.alive or time.monotonic() > deadline:
            raise Refusal(trouble())
        time.sleep(0.03)


def stop(children: list[Child]) -> None:
    for child in reversed(children):
        child.stop()


@contextmanager
def up(servers: Servers, lock: Lock) -> Iterator[Guard]:
    """The servers run for the length of a `with`, and the lock is held as long."""
    guard = Guard(lock.file.fileno())
    with ExitStack() as ending:
        ending.callback(lock.release)
        ending.callback(guard.dismiss)
        ending.callback(stop, servers.start(guard))
        ending.callback(lock.tell, state=STOPPING)
        yield guard


@contextmanager
def throwaway() -> Iterator[dict[str, str]]:
    """Servers for one run of the tests; yields what the environment lacks."""
    with ExitStack() as cleanup:
        postgres = valkey = None
        if not os.environ.get("DATABASE_URL"):
            home = throwaway_home("postgres", reachable=True)
            cleanup.callback(shutil.rmtree, home.path, ignore_errors=True)
            postgres = Postgres(home, home.path / "log", THROWAWAY)
        if not os.environ.get("REDIS_URL"):
            home = throwaway_home("valkey", reachable=False)
            cleanup.callback(shutil.rmtree, home.path, ignore_errors=True)
            valkey = Valkey(home, home.path / "log", lasting=False)

        servers = Servers(postgres, valkey)
        guard = Guard()
        cleanup.callback(guard.dismiss)
        cleanup.callback(stop, servers.start(guard))
        yield {
            **({"DATABASE_URL": postgres.url("regulars")} if postgres else {}),
            **({"REDIS_URL": valkey.url()} if valkey else {}),
        }
