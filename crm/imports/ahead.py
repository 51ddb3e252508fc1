"""Works out the next piece while the database takes in the one before."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
END = object()
POLL = 0.5  # seconds after which a full queue looks whether anybody still reads


def ahead(pieces: Iterable[T], *, pieces_ahead: int = 1) -> Iterator[T]:
    """The same pieces in the same order; an error comes out where it arose."""
    waiting: queue.Queue[Any] = queue.Queue(pieces_ahead)
    given_up = threading.Event()
    worker = threading.Thread(target=_fill, args=(pieces, waiting, given_up), name="reads ahead", daemon=True)
    worker.start()
    try:
        while (piece := waiting.get()) is not END:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        given_up.set()
        worker.join()


def _fill(pieces: Iterable[T], waiting: "queue.Queue[Any]", given_up: threading.Event) -> None:
    try:
        for piece in pieces:
            if not _put(piece, waiting, given_up):
                return
        _put(END, waiting, given_up)
    except BaseException as error:
        _put(error, waiting, given_up)


def _put(piece: Any, waiting: "queue.Queue[Any]", given_up: threading.Event) -> bool:
    while not given_up.is_set():
        try:
            waiting.put(piece, timeout=POLL)
        except queue.Full:
            continue
        return True
    return False
