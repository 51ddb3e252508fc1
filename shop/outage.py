"""PostgreSQL went away under a task: it says what it must as soon as the database answers again."""

import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

WITHIN = 20.0  # seconds; leases run out for whoever waits in vain
PAUSE = 0.5


def when_back(tell: Callable[[], object], within: float = WITHIN) -> bool:
    """False: it did not answer in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        connection.close()
        try:
            tell()
            return True
        except (OperationalError, InterfaceError):
            time.sleep(PAUSE)
    connection.close()
    return False
