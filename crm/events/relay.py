"""The relay: listens to the database and alone sends wake-ups to the workers.

A lost message costs nothing: what stays due is found again within seconds.
"""

import logging
import select
import time
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils.module_loading import import_string

from shop.models import Heartbeat

log = logging.getLogger(__name__)

POLL = 2.0  # seconds between two looks when nobody calls
CALM = 0.2  # seconds in which calls are gathered into one look
AGAIN = 10.0  # seconds after which a wake-up that nobody took is sent once more

Send = Callable[[str, list[Any]], None]


def send_to_celery(task: str, args: list[Any]) -> None:
    current_app.send_task(task, args=args)


class Relay:
    def __init__(self, send: Send = send_to_celery) -> None:
        self.send = send
        self.sent: dict[tuple[str, str], float] = {}
        self.silent = False
        self.work_lists = [import_string(path) for path in settings.WORK_LISTS]

    def look(self, *, called: bool) -> int:
        """Send a wake-up for everything due. Called: new work came, so repeat those sent a moment ago too."""
        now = time.monotonic()
        pause = CALM if called else AGAIN
        self.sent = {key: at for key, at in self.sent.items() if now - at < AGAIN}
        count = 0
        for task, args in self._due():
            key = (task, repr(args))
            if now - self.sent.get(key, -AGAIN) >= pause:
                if not self._send(task, args):
                    break
                self.sent[key] = now
                count += 1
        return count

    def _send(self, task: str, args: list[Any]) -> bool:
        """False: Redis is away or frozen. A try takes a second at most; the work waits in the database."""
        try:
            self.send(task, args)
        except Exception as error:
            self._say_once("redis does not take wake-ups", error)
            return False
        self.silent = False
        return True

    def _due(self) -> list[tuple[str, list[Any]]]:
        """A work list that fails must not keep the others from being looked through."""
        found: list[tuple[str, list[Any]]] = []
        for work_list in self.work_lists:
            try:
                found += work_list()
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                log.error("work list failed", extra={"list": work_list.__module__, "error": type(error).__name__})
        return found

    def _say_once(self, what: str, error: Exception) -> None:
        """One line an outage, not one a second."""
        if not self.silent:
            log.warning(what, extra={"error": type(error).__name__})
        self.silent = True

    def run(self, *, stopped: Callable[[], bool]) -> None:
        while not stopped():
            try:
                self._listen(stopped)
            except Exception as error:
                # PostgreSQL is away, or was: with it, every connection of ours.
                self._say_once("the database is away", error)
                connection.close()
                time.sleep(1)

    def _listen(self, stopped: Callable[[], bool]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN regulars")
        self.silent = False
        called = True
        while not stopped():
            Heartbeat.beat("relay")
            self.look(called=called)
            called = self._called_within(POLL)

    def _called_within(self, seconds: float) -> bool:
        wire = connection.connection
        ready = select.select([wire.fileno()], [], [], seconds)[0]
        if ready:
            time.sleep(CALM)
        return bool(list(wire.notifies(timeout=0)))
