"""Work beside the main thread, on a connection of its own."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
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
        self.start(_open)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        for future in self.begun:
            future.cancel()
        if self.begun:  # at least the last one that was begun
            self.pool.submit(_close)
        self.pool.shutdown(wait=True)

    def start(self, work: Callable[[], Result], *, here_if_late: bool = False) -> Callable[[], Result]:
        """Returns what waits for the result; `here_if_late`: or does it, where it has not begun by then."""
        if self.at_once:
            result = work()
            return lambda: result
        future = self.pool.submit(work)
        self.begun = [*(one for one in self.begun if not one.done()), future]  # a result may be large: not kept here
        return lambda: work() if here_if_late and future.cancel() else future.result()


def one_ahead(reads: Iterable[Callable[[], Result]]) -> Iterator[Result]:
    """What each of them reads; the next is read while somebody looks at the one before.

    On one connection, which the reads have with them: they are called in another thread.
    """
    with ThreadPoolExecutor(1) as pool:
        coming: deque[Future[Result]] = deque()
        for read in reads:
            sent = [coming.popleft().result()] if coming else []
            coming.append(pool.submit(read))
            yield from sent
        yield from (future.result() for future in coming)


def _open() -> None:
    """At once: to connect takes as long as some of the work."""
    connection.ensure_connection()


def _close() -> None:
    """The connection of the thread that runs this: to name its verb from outside would name that of another."""
    connection.close()
