"""A copy of this checkout in a folder with a space, whose doors are really opened."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from doors.environment import CONTAINS, _digest
from doors.paths import ROOT

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "tests", "demo", "bench", "docs", ".*_cache", "load_demo.py")
CHOSEN_OUTSIDE = ("DATABASE_URL", "REDIS_URL", "REGULARS_TESTING", "DJANGO_SETTINGS_MODULE", "PORT")


class Checkout:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "a shop"
        self.var = self.path / "var"
        self.port = quiet_port()
        shutil.copytree(ROOT, self.path, ignore=LEFT_OUT)
        self._borrow_environment()

    def _borrow_environment(self) -> None:
        """The packages of the Python that runs the tests, marked as installed."""
        venv = self.path / ".venv"
        venv.mkdir()
        for name in ("bin", "lib"):
            (venv / name).symlink_to(Path(sys.prefix) / name)
        shutil.copy(Path(sys.prefix) / "pyvenv.cfg", venv)
        for name in CONTAINS:
            (venv / f"{name}.sha256").write_text(_digest(name))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def command(self, door: str, *argv: str) -> list[str]:
        return [str(self.path / "bin" / door), *argv]

    def environment(self, **chosen: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in CHOSEN_OUTSIDE}
        return inherited | {"PORT": str(self.port)} | chosen

    def run(self, door: str, *argv: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(door, *argv),
            cwd=cwd or self.path,
            env=self.environment(**env),
            capture_output=True,
            text=True,
            timeout=600,
        )

    def start(self, *prefix: str, **env: str) -> "Site":
        process = subprocess.Popen(
            [*prefix, *self.command("dev")],
            cwd=self.path,
            env=self.environment(**env),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return Site(self, process)

    def processes(self) -> list[psutil.Process]:
        """Everything that was started from here, whoever its parent is by now."""
        return [process for process in psutil.process_iter() if self._started(process)]

    def is_empty(self) -> bool:
        """A killed process takes a moment to go; one that was left behind would stay."""
        return eventually(lambda: self.processes() == [])

    def _started(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            told = [process.cwd(), *process.cmdline(), process.environ().get("REGULARS_SHOP_FILE", "")]
        except psutil.Error:
            return False
        return any(str(place) in word for place in self._places() for word in told)

    def _places(self) -> list[Path]:
        pointer = self.var / "postgres-home"
        return [self.path, Path(pointer.read_text())] if pointer.exists() else [self.path]

    @property
    def data(self) -> Path:
        pointer = self.var / "postgres-home"
        return (Path(pointer.read_text()) if pointer.exists() else self.var / "postgres") / "data"

    def remove(self) -> None:
        for process in self.processes():
            process.kill()
        for place in self._places():
            shutil.rmtree(place, ignore_errors=True)
            place.with_suffix(".checkout").unlink(missing_ok=True)


class Site:
    """A running bin/dev."""

    def __init__(self, checkout: Checkout, process: "subprocess.Popen[str]") -> None:
        self.checkout = checkout
        self.process = process
        self.said: list[str] = []

    def wait_until_open(self) -> "Site":
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line)
            if "Ctrl-C stops it" in line:
                return self
        raise AssertionError("".join(self.said))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.checkout.address}readyz", timeout=120) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self, sign: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(sign)
        return self.process.wait(300)


def quiet_port() -> int:
    """One that stays free until a door opens there: the kernel gives those above to whoever asks for any."""
    for port in random.sample(range(15_000, 32_000), 100):
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def eventually(holds: Callable[[], object], within: float = 300.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return bool(holds())
