"""Another program, as work that can be stopped."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from shop.backup.refusal import Refusal
from shop.backup.together import Work


def run(name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> Work:
    """Starts it at once. The work returns what it said, or raises Refusal with its last word when it fails."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )

    def to_its_end() -> str:
        said, _nothing = process.communicate()
        if process.returncode:
            raise Refusal(f"{name} failed: {_last_word(said, process.returncode)}")
        return said

    return Work(to_its_end, process.kill)


def _last_word(said: str, status: int) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else f"it ended with {status} and said nothing"
