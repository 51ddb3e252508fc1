"""What the doors print: the name of each step, and nothing when there is nothing to do."""

import contextlib
import sys


def say(text: str = "") -> None:
    # A closed terminal must not keep the supervisor from stopping its children.
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
