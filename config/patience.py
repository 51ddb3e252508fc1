"""A database that takes connections and then says nothing: a page gives up on it as on one that is away."""

from typing import Any

import psycopg
from psycopg import errors


class PatientConnection(psycopg.Connection[Any]):
    """The server itself ends a statement sooner; whoever has not answered by then is frozen, or behind a dead wire."""

    SECONDS = 8.0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.SECONDS if timeout is None else timeout)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("the database does not answer") from None
