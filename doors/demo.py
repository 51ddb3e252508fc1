"""The demo shop: loaded once into a database of its own."""

import os
from pathlib import Path

from doors import database, room
from doors.console import say
from doors.guard import Guard
from doors.paths import DEMO_LOGINS, LOGS, PYTHON, ROOT, shown
from doors.processes import Program, last_lines, run
from doors.servers import Servers
from doors.variables import DEMO, database_urls, environment


def load_on_first_run(servers: Servers, guard: Guard) -> None:
    url = database_urls(servers).get(DEMO)
    if not url or not list(ROOT.glob("*/management/commands/load_demo.py")):
        return
    making = DEMO_LOGINS.with_suffix(".making")
    loaded = database.has_orders(url)
    if loaded and not making.exists():
        return
    say("Loading the demo shop")
    how = ["--finish"] if loaded else []
    os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    argv: list[str | Path] = [PYTHON, ROOT / "manage.py", "load_demo", *how]
    if run(Program("load_demo", argv, environment(servers, DEMO), output=making), guard) == 0:
        making.replace(DEMO_LOGINS)
    else:  # what was being made stays: the next start goes on there
        log = LOGS / "load_demo.log"
        say(f"The demo shop could not be loaded.{room.left()} {shown(log)} ends with:\n{last_lines(log, 3)}")


def logins() -> str:
    return DEMO_LOGINS.read_text().rstrip() if DEMO_LOGINS.exists() else ""
