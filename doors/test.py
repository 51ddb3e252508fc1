"""bin/test: the suite against a real PostgreSQL and a real Valkey, from a fresh clone."""

import os
import subprocess
import sys

from doors import environment, messages
from doors.console import say
from doors.paths import PYTHON, ROOT

WHOLE_SUITE = ["--numprocesses=2", "--dist=loadgroup", "--ignore=tests/e2e", "--cov", "--cov-report=term:skip-covered"]


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
