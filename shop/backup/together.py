"""Work that takes long and cannot say how far it is, done beside somebody who waits for it."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

TICK = 1.0


@dataclass(frozen=True)
class Work:
    do: Callable[[], Any]
    stop: Callable[[], None]


def together(works: Sequence[Work], tick: Callable[[], None]) -> list[Any]:
    """The results, in order. `tick` is called every second; when it or one of them raises, all are stopped."""
    with ThreadPoolExecutor(len(works)) as pool:
        doing: list[Future[Any]] = [pool.submit(work.do) for work in works]
        try:
            while True:
                done, left = wait(doing, timeout=TICK, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if not left:
                    return [future.result() for future in doing]
                tick()
        except BaseException:
            for work in works:
                work.stop()
            raise
