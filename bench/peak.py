"""Commands of manage.py in a process of their own, and what it took of the memory at the most.

Linux remembers that anew from the moment a program begins; what getrusage() tells counts whoever started it, too.
"""

import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent


class Worker:
    """Runs one command after the other, as a worker does its tasks: each with connections of its own."""

    def __init__(self, **environment: str) -> None:
        command = [sys.executable, "-m", "bench.peak"]
        whole = {**os.environ, **environment}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=whole, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.process.communicate()

    def run(self, *words: str) -> tuple[str, float]:
        """What the command wrote, and the most megabytes the process had by then."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(words), file=self.process.stdin, flush=True)
        wrote, memory = json.loads(self.process.stdout.readline() or "null")
        return wrote, memory


def run(*words: str, **environment: str) -> tuple[str, float]:
    with Worker(**environment) as worker:
        return worker.run(*words)


def main() -> None:
    import django
    from django.core.management import call_command
    from django.db import close_old_connections

    django.setup()
    for line in sys.stdin:
        wrote = StringIO()
        call_command(*json.loads(line), stdout=wrote)
        close_old_connections()
        print(json.dumps([wrote.getvalue(), _megabytes()]), flush=True)


def _megabytes() -> float:
    told = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert told, "only Linux tells it"
    return int(told[1]) / 1024


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
