"""Opens the door named by the first argument; bin/door comes here."""

import sys
from importlib import import_module
from pathlib import Path

DOORS = ("dev", "test", "ci", "manage", "bench")


def main() -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from doors.refusal import in_one_sentence

    if len(sys.argv) < 2 or sys.argv[1] not in DOORS:
        print(f"Usage: bin/{{{','.join(DOORS)}}}", file=sys.stderr)
        return 2

    door = import_module(f"doors.{sys.argv[1]}")
    return in_one_sentence(lambda: door.main(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
