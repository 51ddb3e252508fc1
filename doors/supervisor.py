"""Starts a child again when it ends by itself."""

import time
from collections.abc import Callable

from doors import room
from doors.console import say
from doors.guard import Guard
from doors.paths import LOGS, shown
from doors.processes import Program, start
from doors.refusal import Refusal

STEADY = 60.0  # seconds after which earlier failures are forgotten
LONGEST_PAUSE = 30.0
FAILURES_OF_A_SERVER = 5


class Kept:
    """A child that is started again, after a growing pause, when it ends by itself."""

    def __init__(self, program: Program, guard: Guard, *, renew: Callable[[], Program] | None = None) -> None:
        """`renew`: for a server, which clears up after itself first, and without which nothing works."""
        self.program = program
        self.guard = guard
        self.renew = renew
        self.failures = 0
        self.again_at: float | None = None
        self.child = start(program, guard)

    def look_after(self) -> None:
        now = time.monotonic()
        if self.child.alive:
            if now - self.child.started > STEADY:
                self.failures = 0
        elif self.again_at is None:
            self._plan(now)
        elif now >= self.again_at:
            self._start()

    def change(self, program: Program) -> None:
        """Go on as another program."""
        self.child.stop()
        self.program = program
        self._start()

    def _start(self) -> None:
        self.again_at = None
        self.child = start(self.renew() if self.renew else self.program, self.guard)

    def _plan(self, now: float) -> None:
        name, status = self.program.name, self.child.process.returncode
        self.child.end()
        self.failures += 1
        log = shown(self.program.log or LOGS / f"{name}.log")
        if self.renew and self.failures > FAILURES_OF_A_SERVER:
            raise Refusal(f"{name} has stopped {self.failures} times in a row; its log is {log}.{room.left()}")
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        self.again_at = now + pause
        say(f"{name} stopped by itself (status {status}); starting it again in {pause:.0f} s; see {log}.{room.left()}")
