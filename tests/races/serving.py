"""The web as two processes of its own, on the database of the test; guards can be taken away in them."""

import http.client
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from doors.guard import Guard
from doors.processes import Program, last_lines, start
from tests.faults.running import the_tests_own, wait_until

UNGUARDED = Path(__file__).with_name("unguarded.py")
_keys = count(1)


class Web:
    def __init__(self, address: tuple[str, int], key: str) -> None:
        self.address, self.key = address, key
        self._own = local()

    def post(self, path: str, body: dict[str, Any], *, key: str = "") -> tuple[int, dict[str, Any]]:
        status, content = self._ask("POST", f"/api/v1/{path}", json.dumps(body), key or f"r-{next(_keys)}")
        return status, json.loads(content or "{}")

    def up(self) -> bool:
        try:
            return self._ask("GET", "/livez", "", "")[0] == 200
        except OSError:
            return False

    def _ask(self, method: str, path: str, body: str, key: str) -> tuple[int, bytes]:
        """One connection a thread, opened again when the server has closed it."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Idempotency-Key": key}
        for last in (False, True):
            held = getattr(self._own, "held", None)
            if held is None:
                held = self._own.held = http.client.HTTPConnection(*self.address, timeout=300)
            try:
                held.request(method, path, body, headers)
                answer = held.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                held.close()
                self._own.held = None
                if last:
                    raise
        raise AssertionError("unreachable")


@contextmanager
def two_processes(folder: Path, key: str, *, without: str = "") -> Iterator[Web]:
    """`without`: the guard that both do without (tests/races/unguarded.py)."""
    guard, listener = Guard(), socket.create_server(("127.0.0.1", 0), backlog=512)
    fd = listener.fileno()
    web = ["-m", "gunicorn", "config.wsgi", f"--bind=fd://{fd}", "--worker-class=gthread", "--workers=2"]
    web += ["--threads=8", "--keep-alive=30", "--no-control-socket", f"--config={UNGUARDED}"]
    database = urlsplit(the_tests_own())._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    env = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "tests.races.settings",
        "REGULARS_TESTING": "1",
        "REGULARS_ROLE": "web",
        "WITHOUT_GUARD": without,
    }
    log = folder / "web.log"
    child = start(Program("web", [sys.executable, *web], env, log=log, pass_fds=[fd]), guard)
    try:
        served = Web(listener.getsockname(), key)
        wait_until(served.up, 300, f"the web answers\n{last_lines(log, 8)}")
        yield served
    finally:
        child.stop()
        listener.close()
        guard.dismiss()


def at_once(act: Callable[[int], Any], times: int, *, threads: int = 16) -> list[Any]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(act, range(times)))
