"""What a door cannot do, it says in one sentence."""

import errno
import sys
from collections.abc import Callable


class Refusal(Exception):
    """Something the reader can put right; shown without a traceback."""


def in_one_sentence(door: Callable[[], int]) -> int:
    try:
        return door()
    except Refusal as refusal:
        return _say(str(refusal))
    except PermissionError as error:
        return _say(
            f"{error.filename} cannot be used by this user: run this as the user who owns it, or give it to this one."
        )
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _say("The disk is full: nothing can be written here.")
        raise
    except KeyboardInterrupt:
        return 130


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1
