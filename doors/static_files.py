"""Gathers and joins what browsers load, as production does; only when it has changed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doors.console import say
from doors.guard import Guard
from doors.paths import LOGS, PYTHON, ROOT, VAR, shown
from doors.processes import Program, last_lines, start, stop_together
from doors.refusal import Refusal
from doors.servers import Servers
from doors.variables import OWN, environment

GATHERED = VAR / "static"
STAMP = VAR / "static.sha256"


@contextmanager
def gathering_changed(servers: Servers, guard: Guard) -> Iterator[None]:
    """Beside what is done meanwhile: on a first start both take their time."""
    stamp = _stamp()
    if GATHERED.is_dir() and STAMP.is_file() and STAMP.read_text() == stamp:
        yield
        return
    say("Joining styles and scripts")
    command = (PYTHON, ROOT / "manage.py", "collectstatic", "--no-input", "--clear", "--verbosity", "0")
    child = start(Program("collectstatic", command, environment(servers, OWN)), guard)
    try:
        yield
        failed = child.process.wait() != 0
    finally:
        stop_together([child])
    if failed:
        log = LOGS / "collectstatic.log"
        raise Refusal(f"Styles and scripts cannot be joined; {shown(log)} ends with:\n{last_lines(log)}")
    STAMP.write_text(stamp)


def _stamp() -> str:
    """Of every source file, and of the packages, which bring files of their own."""
    sources: list[Path] = [*(ROOT / "static").glob("**/*"), ROOT / "shop" / "assets.py", ROOT / "requirements.txt"]
    files = sorted(path for path in sources if path.is_file())
    text = "\n".join(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in files)
    return hashlib.sha256(text.encode()).hexdigest()
