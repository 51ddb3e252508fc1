"""bin/manage: any management command, with the servers up."""

import os
import signal
import subprocess

from doors import environment, messages
from doors.lock import Lock, wait_for_holder
from doors.migrations import prepare
from doors.paths import PYTHON, ROOT
from doors.processes import die_with_us
from doors.refusal import Refusal
from doors.servers import Servers, up
from doors.variables import database_urls, shop_served
from doors.variables import environment as variables


def main(argv: list[str]) -> int:
    environment.enter("requirements.txt")
    shop, argv = _shop(argv)
    while True:
        if running := wait_for_holder():
            return _beside(running, shop, argv)
        if lock := Lock.take("bin/manage"):
            return _alone(lock, shop, argv)


def _shop(argv: list[str]) -> tuple[str, list[str]]:
    """`--shop own` or `--shop demo` in front chooses; else the shop that bin/dev serves."""
    if argv[:1] != ["--shop"]:
        return shop_served(), argv
    shops = database_urls(Servers.of_this_checkout())
    if len(argv) < 2 or argv[1] not in shops:
        raise Refusal(f"--shop can be {' or '.join(shops)}.")
    return argv[1], argv[2:]


def _command(argv: list[str]) -> list[str]:
    return [str(PYTHON), str(ROOT / "manage.py"), *argv]


def _beside(running: dict[str, object], shop: str, argv: list[str]) -> int:
    """bin/dev's servers are up: become the command."""
    ours = Servers.of_this_checkout()
    up = running.get("embedded", [])
    if missing := [server.name for server in ours.embedded if isinstance(up, list) and server.name not in up]:
        raise Refusal(
            f"bin/dev is running without an embedded {' and '.join(missing)}: "
            "set the same DATABASE_URL and REDIS_URL here as there."
        )
    command = _command(argv)
    os.execve(command[0], command, variables(ours, shop))


def _alone(lock: Lock, shop: str, argv: list[str]) -> int:
    """The servers are started for the length of the command."""
    messages.compile_changed()
    ours = Servers.of_this_checkout()
    with up(ours, lock) as guard:
        prepare(ours, guard, only_new=True)
        return _foreground(_command(argv), variables(ours, shop))


def _foreground(command: list[str], env: dict[str, str]) -> int:
    """The command keeps the terminal, so Ctrl-C reaches it by itself; other signals are passed on."""
    process = subprocess.Popen(command, env=env, preexec_fn=die_with_us(signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, frame: process.send_signal(number))
    status = process.wait()
    return status if status >= 0 else 128 - status
