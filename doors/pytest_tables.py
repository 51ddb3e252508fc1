"""Of doors.pytest_services: in a parallel run the tables are made once, while the workers still collect their tests.

Each worker's database is then a copy. `python -m doors.pytest_tables` makes them, beside the run.
"""

import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

from doors.database import connected, make_if_missing
from doors.paths import ROOT

TABLES = "regulars_tables"
UNFINISHED = "regulars_tables_unfinished"
TOLD = "REGULARS_TEST_TABLES"  # by the process that hands the tests out to those that run them
WITHIN = 300.0


def begin() -> subprocess.Popen[bytes]:
    """The name says whether they are ready."""
    make_if_missing(_called(UNFINISHED))
    os.environ[TOLD] = TABLES
    return subprocess.Popen([sys.executable, "-m", "doors.pytest_tables"], cwd=ROOT, stdout=subprocess.DEVNULL)


def awaited(within: float = WITHIN) -> str | None:
    """What to copy, as soon as it is ready; None: make them yourself."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and (there := _databases()):
        if TABLES in there:
            return TABLES
        time.sleep(0.1)
    return None


def main() -> int:
    env = os.environ | {"DATABASE_URL": _called(UNFINISHED), "REGULARS_TESTING": "true"}
    made = subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env)
    with connected(_called("postgres")) as connection:
        connection.autocommit = True
        if made.returncode == 0:
            connection.execute(f"ALTER DATABASE {UNFINISHED} RENAME TO {TABLES}")
        else:
            connection.execute(f"DROP DATABASE {UNFINISHED}")
    return made.returncode


def _called(database: str) -> str:
    """On the server of this run."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


def _databases() -> set[str]:
    with connected(_called("postgres")) as connection:
        names = "SELECT datname FROM pg_database WHERE datname = ANY(%s)"
        return {name for (name,) in connection.execute(names, [[TABLES, UNFINISHED]])}


if __name__ == "__main__":
    sys.exit(main())
