"""Children that never outlive the one who started them."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from doors.guard import Guard
from doors.homes import dropped
from doors.paths import LOGS, ROOT

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 10_000_000


@dataclass
class Program:
    """How to run one child, and how to end it."""

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str]
    cwd: Path = ROOT
    log: Path | None = None
    output: Path | None = None  # where what it prints goes, when not into the log
    user: pwd.struct_passwd | None = None
    pass_fds: Sequence[int] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 10.0
    orphan_signal: signal.Signals = signal.SIGKILL


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    guard: Guard
    started: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        _signal_one(self.process, self.program.stop_signal)

    def end(self) -> None:
        """Wait for the stop asked for, then leave nothing of its process group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.program.stop_within)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.guard.forget(self.process.pid)

    def stop(self) -> None:
        self.ask_to_stop()
        self.end()


def start(program: Program, guard: Guard) -> Child:
    log = program.log or LOGS / f"{program.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    _rotate(log)
    with log.open("ab") as errors, ExitStack() as files:
        output = files.enter_context(program.output.open("wb")) if program.output else errors
        process = subprocess.Popen(
            [str(word) for word in program.argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=dict(program.env),
            cwd=program.cwd,
            pass_fds=program.pass_fds,
            process_group=0,
            # Runs after the rights are dropped: dropping them later would clear the parent-death signal.
            preexec_fn=die_with_us(program.orphan_signal),
            **dropped(program.user),
        )
    guard.watch(process.pid, program.orphan_signal)
    return Child(program, process, guard)


def run(program: Program, guard: Guard) -> int:
    """Start it and wait for its end; its exit status."""
    child = start(program, guard)
    try:
        return child.process.wait()
    finally:
        child.stop()


def stop_together(children: Sequence[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.end()


def die_with_us(sign: signal.Signals) -> Callable[[], None]:
    """For Popen's preexec_fn: the kernel signals the child when this process is gone."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    parent = os.getpid()
    libc = ctypes.CDLL(None)

    def set_parent_death_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(sign))
        if os.getppid() != parent:
            os._exit(1)

    return set_parent_death_signal


def _signal_one(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(sign)


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, count: int = 5) -> str:
    if not log.exists():
        return ""
    lines = log.read_text(errors="replace")[-4000:].strip().splitlines()
    return "\n".join(lines[-count:])
