"""bin/bench: the measurements, on servers and data of their own."""

import os
import signal
import subprocess

from doors import environment
from doors.database import make_if_missing
from doors.homes import postgres_home, valkey_home
from doors.lock import Lock
from doors.paths import LOGS, PYTHON, ROOT, VAR
from doors.postgres import LASTING, Postgres
from doors.processes import die_with_us
from doors.refusal import Refusal
from doors.servers import Servers, up
from doors.valkey import Valkey
from doors.variables import OWN
from doors.variables import environment as variables

# As durable as the real thing, with room for a million orders.
OPTIONS = (*LASTING, "shared_buffers=1GB", "maintenance_work_mem=256MB", "max_wal_size=4GB")


def main(argv: list[str]) -> int:
    environment.enter("requirements.txt")
    if argv[:1] == ["load"]:  # a shop that runs already: it needs no servers of ours
        return subprocess.run([str(PYTHON), "-P", str(ROOT / "bench" / "load.py"), *argv[1:]]).returncode
    lock = Lock.take("bin/bench", VAR / "bench.lock")
    if lock is None:
        raise Refusal("bin/bench is already measuring in this checkout.")
    ours = _servers()
    with up(ours, lock):
        make_if_missing(ours.database_url("regulars"))
        return _measure(argv, variables(ours, OWN, "web"))


def _servers() -> Servers:
    log = LOGS / "bench.log"
    return Servers(
        None if os.environ.get("DATABASE_URL") else Postgres(postgres_home("bench-postgres"), log, OPTIONS),
        None if os.environ.get("REDIS_URL") else Valkey(valkey_home("bench-valkey"), log),
    )


def _measure(argv: list[str], env: dict[str, str]) -> int:
    env = env | {"PYTHONPATH": str(ROOT)}  # the current folder stays the reader's: results are written there
    command = [str(PYTHON), "-m", "bench", *argv]
    return subprocess.run(command, env=env, preexec_fn=die_with_us(signal.SIGTERM)).returncode
