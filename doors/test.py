"""bin/test: the suite against a real PostgreSQL and a real Valkey, from a fresh clone.

Tests marked slow start whole sites and take things away from them, race, or try every bad input everywhere; bin/ci runs
those in a step of their own, and bin/test -m slow does so here.
"""

import os
import subprocess
import sys

from doors import environment, messages
from doors.console import say
from doors.paths import PYTHON, ROOT

# What a module makes once is made once, when a module stays with one worker; the last ones are shared out.
STEADY = ["--numprocesses=2", "--dist=worksteal"]
PARALLEL = ["--numprocesses=2", "--dist=loadgroup"]
WHOLE_SUITE = [*STEADY, "-p", "no:playwright", "--ignore=tests/e2e", "-m", "not slow", "-p", "doors.pytest_coverage"]
SLOW = [*PARALLEL, "--ignore=tests/e2e", "-m", "slow"]
IN_A_BROWSER = [*PARALLEL, "tests/e2e"]


def main(argv: list[str]) -> int:
    environment.enter("requirements-dev.txt")
    messages.compile_changed()
    say("Running the tests")
    return run_pytest(argv or WHOLE_SUITE)


def run_pytest(argv: list[str], env: dict[str, str] | None = None) -> int:
    path = os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", "")])
    env = os.environ | {"PATH": path} | (env or {})
    sys.stdout.flush()
    return subprocess.run([PYTHON, "-m", "pytest", *argv], cwd=ROOT, env=env).returncode
