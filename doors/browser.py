"""The system's Chromium, for the browser tests."""

import os
import shutil
import subprocess
from pathlib import Path

from doors.console import say
from doors.refusal import Refusal

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def required() -> bool:
    """On a developer's machine the browser tests may be left out; in continuous integration they may not."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def chromium() -> Path:
    if not _found() and required() and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    if found := _found():
        return found
    raise Refusal("The browser tests need Chromium: install it (on Debian: apt install chromium) or set CHROMIUM.")


def _found() -> Path | None:
    if chosen := os.environ.get("CHROMIUM"):
        return Path(chosen)
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)


def _install() -> None:
    say("Installing Chromium for the browser tests")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for argv in (["update", "-qq"], ["install", "-qq", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *argv], env=os.environ | quiet, stdout=subprocess.DEVNULL)
