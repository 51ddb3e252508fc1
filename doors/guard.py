"""Ends the children of a supervisor that was killed: it reads a pipe that only the supervisor holds open.

The parent-death signal alone ends the children, not their own children (Celery's pool).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

WITHIN = 10.0


class Guard:
    """The supervisor's end of the pipe."""

    def __init__(self, lock: int | None = None) -> None:
        """`lock`: a locked file that stays locked until the guard, too, is done with the children."""
        kept = [] if lock is None else [lock]
        self.process = subprocess.Popen(
            [sys.executable, "-IS", str(Path(__file__).resolve()), *map(str, kept)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=kept,
            start_new_session=True,
        )

    def watch(self, group: int, sign: signal.Signals) -> None:
        self._tell(f"watch {group} {int(sign)}")

    def forget(self, group: int) -> None:
        self._tell(f"forget {group}")

    def dismiss(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait()

    def _tell(self, line: str) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()


def main() -> None:
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        word, group, *how = line.split()
        if word == "watch":
            groups[int(group)] = int(how[0])
        else:
            groups.pop(int(group), None)
    if groups:
        _say_stopping()
        _end(groups)


def _say_stopping() -> None:
    """Tell a new start to wait instead of refusing (see doors/lock.py)."""
    for number in map(int, sys.argv[1:]):
        os.ftruncate(number, 0)
        os.write(number, b'{"state": "stopping"}')


def _end(groups: dict[int, int]) -> None:
    for group, sign in groups.items():
        _kill(group, sign)
    deadline = time.monotonic() + WITHIN
    while any(map(_alive, groups)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        _kill(group, signal.SIGKILL)


def _kill(group: int, sign: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sign)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return not _waits_to_be_reaped(group)


def _waits_to_be_reaped(pid: int) -> bool:
    """In a container without an init, a dead orphan stays in the process table for ever."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


if __name__ == "__main__":
    main()
