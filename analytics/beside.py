"""Work beside the main thread, on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self, TypeVar

from django.db import connection

Result = TypeVar("Result")


class Beside:
    """One piece of work after the other: with the main thread and the server's processes, more would only jostle.

    Inside somebody's transaction, which other connections could not see, everything is done at once instead.
    """

    def __init__(self) -> None:
        self.at_once = connection.in_atomic_block
        self.pool = ThreadPoolExecutor(1)
        self.begun: list[Future[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        for future in self.begun:
            future.cancel()
        if self.begun:  # at least the last one that was begun
            self.pool.submit(_close)
        self.pool.shutdown(wait=True)

    def start(self, work: Callable[[], Result]) -> Callable[[], Result]:
        """Returns what waits for the result."""
        if self.at_once:
            result = work()
            return lambda: result
        future = self.pool.submit(work)
        self.begun = [*(one for one in self.begun if not one.done()), future]  # a result may be large: not kept here
        return future.result


def _close() -> None:
    """The connection of the thread that runs this: to name its verb from outside would name that of another."""
    connection.close()
