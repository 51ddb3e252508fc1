"""Keeps a job's turn, its progress and its cancel button alive while one long statement runs in a transaction."""

import threading
from types import TracebackType
from typing import Any

from django.db import DatabaseError, OperationalError, connection

from shop.models import Cancelled, Job

EVERY = 1.0  # seconds


class Kept:
    """A thread with a connection of its own tells the job how far it is; a cancel stops the statement itself."""

    def __init__(self, job: Job) -> None:
        self.job, self.now = job, ("", 0, 0)
        self.cancelled = False
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, name=f"keeps job {job.pk}", daemon=True)

    def say(self, stage: str, done: int, total: int) -> None:
        self.now = (stage, done, total)
        if self.cancelled:
            raise Cancelled

    def __enter__(self) -> "Kept":
        connection.ensure_connection()
        self.working: Any = connection.connection
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self.thread.join()
        if self.cancelled and isinstance(error, OperationalError):
            raise Cancelled from error

    def _watch(self) -> None:
        try:
            while not self.ended.wait(EVERY):
                self._tell()
        except Cancelled:
            self.cancelled = True
            self.working.cancel_safe(timeout=5)
        finally:
            connection.close()

    def _tell(self) -> None:
        try:
            self.job.progress(*self.now)
        except DatabaseError:
            connection.close()  # away for a moment; the work itself will notice when it is for longer
