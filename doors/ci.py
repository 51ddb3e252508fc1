"""bin/ci: everything that must hold before a change goes in; every step runs, and the tests come last."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from doors import browser, environment, messages
from doors.console import say
from doors.database import make_if_missing
from doors.paths import PYTHON, ROOT
from doors.refusal import Refusal
from doors.servers import throwaway
from doors.test import IN_A_BROWSER, SLOW, WHOLE_SUITE, run_pytest

ROOMS = ("config", "analytics", "loyalty", "feedback", "crm", "shop", "doors")


def main(argv: list[str]) -> int:
    environment.enter("requirements-dev.txt")
    messages.compile_changed()
    failed = [name for name, step in _steps().items() if not _passes(name, step)]
    if failed:
        say(f"Failed so far: {', '.join(failed)}")
    # Last and untimed here, so that the output ends with pytest's own summary.
    status = run_pytest(argv or WHOLE_SUITE)
    return status or int(bool(failed))


def _steps() -> dict[str, Callable[[], bool]]:
    return {
        "lint": lambda: _runs("ruff", "check", "."),
        "format": lambda: _runs("ruff", "format", "--check", "."),
        "templates": lambda: _runs("djade", "--check", *_templates()),
        "types": lambda: _runs("mypy", *ROOMS),
        "imports": lambda: _runs("lint-imports"),
        "migrations": _migrations_are_complete,
        "translations": lambda: _runs(PYTHON, "-m", "doors.translations", "check"),
        "browser tests": _browser_tests,
        "slow tests": lambda: run_pytest(SLOW) == 0,
    }


def _passes(name: str, step: Callable[[], bool]) -> bool:
    say(f"── {name}")
    since = time.monotonic()
    passed = step()
    say(f"── {name}: {'ok' if passed else 'FAILED'} in {time.monotonic() - since:.1f} s")
    return passed


def _runs(program: str | Path, *argv: str | Path, env: dict[str, str] | None = None) -> bool:
    command = [program if isinstance(program, Path) else PYTHON.parent / program, *argv]
    sys.stdout.flush()
    # The type checker loads Django's settings.
    variables = {"REGULARS_TESTING": "true"} | os.environ | (env or {})
    return subprocess.run(command, cwd=ROOT, env=variables).returncode == 0


def _templates() -> Sequence[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def _migrations_are_complete() -> bool:
    with throwaway() as env:
        make_if_missing(env.get("DATABASE_URL") or os.environ["DATABASE_URL"])
        return _runs(PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", env=env)


def _browser_tests() -> bool:
    if not (ROOT / "tests" / "e2e").exists():
        return True
    try:
        chromium = browser.chromium()
    except Refusal as refusal:
        say(str(refusal))
        return not browser.required()
    os.environ["CHROMIUM"] = str(chromium)
    return run_pytest(IN_A_BROWSER, {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}) == 0
