"""A command of manage.py, and what its process took at the most: `python -m bench.peak recompute --full --json`.

Linux remembers it anew from the moment a program begins; what getrusage() tells counts whoever started it, too.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*words: str, **environment: str) -> tuple[str, float]:
    """What the command wrote, and megabytes."""
    command = [sys.executable, "-m", "bench.peak", *words]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    return done.stdout, float(done.stderr.splitlines()[-1])


def main() -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])
    told = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert told, "only Linux tells it"
    print(int(told[1]) / 1024, file=sys.stderr)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
