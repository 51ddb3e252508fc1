"""The demo shop: loaded once into a database of its own."""

import os

from doors import database
from doors.console import say
from doors.guard import Guard
from doors.paths import DEMO_LOGINS, LOGS, PYTHON, ROOT, shown
from doors.processes import Program, run
from doors.servers import Servers
from doors.variables import DEMO, database_urls, environment


def load_on_first_run(servers: Servers, guard: Guard) -> None:
    url = database_urls(servers).get(DEMO)
    if not url or not list(ROOT.glob("*/management/commands/load_demo.py")) or database.has_orders(url):
        return
    say("Loading the demo shop")
    making = DEMO_LOGINS.with_suffix(".making")
    os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    load = Program("load_demo", [PYTHON, ROOT / "manage.py", "load_demo"], environment(servers, DEMO), output=making)
    if run(load, guard) == 0:
        making.replace(DEMO_LOGINS)
    else:
        making.unlink()
        say(f"The demo shop could not be loaded; {shown(LOGS / 'load_demo.log')} says why.")


def logins() -> str:
    return DEMO_LOGINS.read_text().rstrip() if DEMO_LOGINS.exists() else ""
