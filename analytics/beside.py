"""Work beside the main thread, on connections of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

from django.db import connection

Result = TypeVar("Result")


class Beside:
    """Inside somebody's transaction, which other connections could not see, everything is done at once instead."""

    def __init__(self) -> None:
        self.at_once = connection.in_atomic_block
        self.pool = ThreadPoolExecutor(3)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)

    def start(self, work: Callable[[], Result]) -> Callable[[], Result]:
        """Returns what waits for the result."""
        if self.at_once:
            result = work()
            return lambda: result
        return self.pool.submit(_on_own_connection, work).result


def _on_own_connection(work: Callable[[], Result]) -> Result:
    try:
        return work()
    finally:
        connection.close()
