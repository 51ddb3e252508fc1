import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from doors.guard import Guard
from doors.processes import Program, start
from tests.doors.checkout import eventually

# A child that keeps a child of its own, like Celery's worker, and ignores the polite signals.
STUBBORN = """
import signal, subprocess, sys, time
for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(sign, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", sys.argv[1]])
print("ready", flush=True)
time.sleep(600)
"""
SUPERVISOR = """
import sys, time
from pathlib import Path
from doors.guard import Guard
from doors.processes import Program, start
guard = Guard()
start(Program("stubborn", [sys.executable, "-c", sys.argv[1], sys.argv[2]], {}, log=Path(sys.argv[2])), guard)
print("ready", guard.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_a_stopped_child_takes_its_own_children_along(log):
    guard = Guard()
    child = start(_stubborn(log), guard)
    assert eventually(lambda: "ready" in log.read_text())

    child.stop()
    guard.dismiss()

    assert eventually(lambda: _running(log) == [])


def test_a_killed_supervisor_leaves_no_grandchildren(log):
    supervisor = _supervisor(log)

    supervisor.kill()
    supervisor.wait()

    assert eventually(lambda: _running(log) == [])


def test_the_child_itself_dies_even_when_the_guard_is_killed_too(log):
    supervisor = _supervisor(log)
    child, *_grandchildren = _running(log)

    psutil.Process(_guard_of(supervisor)).kill()
    supervisor.kill()
    supervisor.wait()

    assert eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    for left in _running(log):
        with suppress(psutil.NoSuchProcess):
            left.kill()


def _stubborn(log: Path) -> Program:
    return Program("stubborn", [sys.executable, "-c", STUBBORN, str(log)], {}, log=log, stop_within=0.2)


def _supervisor(log: Path) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", SUPERVISOR, STUBBORN, str(log)]
    supervisor = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert eventually(lambda: log.exists() and "ready" in log.read_text())
    return supervisor


def _guard_of(supervisor: "subprocess.Popen[str]") -> int:
    assert supervisor.stdout
    return int(supervisor.stdout.readline().split()[1])


def _running(log: Path) -> list[psutil.Process]:
    """What carries the log's path as its last argument, oldest first; a dead orphan does not count."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cmdline()[-1:] == [str(log)] and SUPERVISOR not in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return sorted(found, key=lambda process: process.create_time())
