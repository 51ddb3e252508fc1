"""Makes .venv with nothing but Python, and installs into it when the requirements changed."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doors.console import say
from doors.paths import PYTHON, ROOT, VAR, VENV
from doors.refusal import Refusal

# requirements-dev.txt holds every pin of requirements.txt as well.
CONTAINS = {
    "requirements.txt": ("requirements.txt",),
    "requirements-dev.txt": ("requirements-dev.txt", "requirements.txt"),
}

BASE = getattr(sys, "_base_executable", sys.executable)  # of .venv's Python: the one it was made with
OWN_PIP = [str(PYTHON), "-m", "pip"]
LENT_PIP = [BASE, "-m", "pip", "--python", str(PYTHON)]


def enter(requirements: str) -> None:
    """Continue in .venv's Python, with everything in `requirements` installed."""
    _keep_compiled()
    with _alone():
        if not _usable():
            _make()
        if not _installed(requirements):
            _install(requirements)

    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), "-P", str(ROOT / "doors" / "__main__.py"), *sys.argv[1:]])


def _keep_compiled() -> None:
    """A site is some ten processes, and each would compile Django and SciPy for itself at each start."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@contextmanager
def _alone() -> Iterator[None]:
    """Two doors opened at once on a fresh clone take turns."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "environment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _usable() -> bool:
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", check], capture_output=True).returncode == 0


def _make() -> None:
    """Without a pip of its own where the starting Python lends one: that is seven seconds sooner."""
    say("Making .venv")
    make = [BASE, "-m", "venv", "--clear", str(VENV)]
    if _works(*make, "--without-pip") and _works(*LENT_PIP, "--version"):
        return
    if not _works(*make):
        raise Refusal(
            f"{BASE} cannot make a virtual environment at {VENV}: "
            "install its venv module (on Debian and Ubuntu: apt install python3-venv) and start again."
        )


def _works(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def _stamp(requirements: str) -> Path:
    return VENV / f"{requirements}.sha256"


def _digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def _installed(requirements: str) -> bool:
    stamp = _stamp(requirements)
    return stamp.exists() and stamp.read_text() == _digest(requirements)


def _install(requirements: str) -> None:
    say(f"Installing the packages of {requirements} into .venv")
    quick = ["-qq", "--disable-pip-version-check", "--no-input", "--no-deps", "--no-compile"]
    install = ["install", *quick, "--require-hashes", "--requirement", str(ROOT / requirements)]
    if subprocess.run([*_pip(), *install], stdout=sys.stderr).returncode != 0:
        raise Refusal(f"The packages of {requirements} could not be installed; pip says above what is missing.")

    for name in CONTAINS[requirements]:
        _stamp(name).write_text(_digest(name))


def _pip() -> list[str]:
    for pip in (OWN_PIP, LENT_PIP):
        if _works(*pip, "--version"):
            return pip
    raise Refusal("There is no pip: install it (on Debian and Ubuntu: apt install python3-venv) and start again.")
