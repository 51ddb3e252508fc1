"""From a fresh clone to an answering page, and the second start."""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.peak import ROOT
from bench.result import Result


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "a fresh clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        first, loading = _start_and_stop(clone)
        second, _nothing = _start_and_stop(clone)
    yield Result("bin/dev, fresh clone, packages cached", first, "s", 60)
    yield Result("bin/dev, from the first page until the demo is there", loading, "s", 20)
    yield Result("bin/dev, second start", second, "s", 8)


def _start_and_stop(clone: Path) -> tuple[float, float]:
    """Seconds until a page answers, and from then on until all is there."""
    port = _free_port()
    ours = {"DATABASE_URL", "REDIS_URL", "REGULARS_TESTING", "REGULARS_ROLE", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    start = time.perf_counter()
    dev = subprocess.Popen(
        ["bin/dev", "--port", str(port)], cwd=clone, env=environment, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/login/", dev)
        page = time.perf_counter() - start
        _wait_for_the_demo(dev)
        return page, time.perf_counter() - start - page
    finally:
        os.kill(dev.pid, signal.SIGINT)
        dev.wait(timeout=60)


def _wait_for_the_demo(dev: subprocess.Popen[bytes]) -> None:
    """The page answers before the demo is loaded; stopped then, the next start would have to load it."""
    assert dev.stderr
    for line in dev.stderr:
        if line.startswith(b"Ctrl-C stops it"):
            return


def _wait_for(url: str, dev: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        assert dev.poll() is None, "bin/dev ended"
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError("no answer within two minutes")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
