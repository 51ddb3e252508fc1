"""A database that takes connections and then says nothing: a page gives up on it as on one that is away."""

import select
import time
from typing import Any

import psycopg
from psycopg import errors


class PatientConnection(psycopg.Connection[Any]):
    """The server itself ends a statement sooner; whoever has not answered by then is frozen, or behind a dead wire."""

    SECONDS = 8.0
    LONG = 10.0  # seconds without a word
    heard = 0.0

    def execute(self, query: Any, *args: Any, **options: Any) -> Any:
        """The pool asks something empty before it hands a connection out. One that spoke a moment ago and has nothing
        to say now is there: a server that goes away says so, or at least hangs up."""
        if query == "" and time.monotonic() - self.heard < self.LONG and not self._stirs():
            return None
        return super().execute(query, *args, **options)

    def _stirs(self) -> bool:
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            answer = super().wait(gen, interval, self.SECONDS if timeout is None else timeout)
            self.heard = time.monotonic()
            return answer
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("the database does not answer") from None
