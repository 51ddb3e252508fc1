"""One holder of the embedded servers per checkout, and what it says about itself."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any, TextIO

from doors.console import say
from doors.paths import LOCK
from doors.refusal import Refusal

STARTING, RUNNING, STOPPING = "starting", "running", "stopping"

# A holder that was killed leaves the lock to its guard, which stops the servers and lets go.
PATIENCE = 30.0


class Lock:
    """Held by an open file: when its holder is gone, so is the lock, whatever the file still says."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    @classmethod
    def take(cls, door: str, path: Path = LOCK) -> "Lock | None":
        """None when another door holds it."""
        path.parent.mkdir(exist_ok=True)
        lock = cls(path.open("a+"))
        since = time.monotonic()
        while not lock._try():
            stopping = lock.told().get("state") == STOPPING
            if time.monotonic() - since > (PATIENCE if stopping else 1.0):
                lock.release()
                return None
            time.sleep(0.1)
        lock.tell(door=door, pid=os.getpid(), state=STARTING)
        return lock

    def _try(self) -> bool:
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def tell(self, **facts: Any) -> None:
        known = {} if facts.get("state") == STARTING else self.told()
        self.file.seek(0)
        self.file.truncate()
        self.file.write(json.dumps(known | facts))
        self.file.flush()

    def told(self) -> dict[str, Any]:
        return _read(self.file)

    def release(self) -> None:
        self.file.close()


def holder() -> dict[str, Any] | None:
    """What the living holder says about itself; None when there is none."""
    try:
        with LOCK.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read(file)
    except FileNotFoundError:
        pass
    return None


def refuse_second_start() -> None:
    other = holder()
    if other and other.get("state") != STOPPING:
        raise Refusal(already(other))


def already(other: dict[str, Any]) -> str:
    if other.get("door") == "bin/dev":
        where = f" at {other['address']}" if other.get("address") else ""
        return f"Regulars is already running in this checkout{where} (process {other.get('pid')})."
    return (
        f"{other.get('door')} is using this checkout's servers (process {other.get('pid')}); try again when it is done."
    )


def wait_for_holder() -> dict[str, Any] | None:
    """bin/dev, once its servers can be used; None when nobody holds the lock any more."""
    waiting = False
    while other := holder():
        if other.get("door") == "bin/dev" and other.get("state") == RUNNING:
            return other
        if not waiting and other.get("state") != STOPPING:
            waiting = True
            say(f"Waiting for {other.get('door', 'another door')} (process {other.get('pid')})")
        time.sleep(0.2)
    return None


def _read(file: TextIO) -> dict[str, Any]:
    file.seek(0)
    try:
        told = json.loads(file.read() or "{}")
    except ValueError:  # read while it was being written
        return {}
    return told if isinstance(told, dict) else {}
