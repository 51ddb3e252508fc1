"""bin/dev: from a fresh clone to a running site."""

import argparse
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from doors import broker, demo, environment, messages, servers, site, static_files
from doors.console import say
from doors.guard import Guard
from doors.lock import RUNNING, STOPPING, Lock, already, holder, refuse_second_start
from doors.migrations import prepare
from doors.paths import LOGS, shown
from doors.processes import Program, last_lines, stop_together
from doors.refusal import Refusal
from doors.servers import Servers, wait_until
from doors.supervisor import Kept
from doors.variables import DEMO, has_demo, shop_named, shop_served


def main(argv: list[str]) -> int:
    options = _options(argv)
    refuse_second_start()
    environment.enter("requirements.txt")
    with _lock() as lock, site.listen(options.port) as listener, _stopped_by_signals():
        messages.compile_changed()
        if options.reload:  # whoever changes styles wants to see the change
            os.environ["PLAIN_STATIC"] = "true"
        Running(lock, listener, reload=options.reload).until_told_to_stop()
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/dev", description="Starts Regulars here; Ctrl-C stops it.")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"), help="default: 8000, or $PORT")
    parser.add_argument("--reload", action="store_true", help="start the web again when its code changes")
    options = parser.parse_args(argv)
    if not 0 < options.port < 65536:
        parser.error(f"--port must be between 1 and 65535, not {options.port}")
    return options


@contextmanager
def _lock() -> Iterator[Lock]:
    lock = Lock.take("bin/dev")
    if lock is None:
        raise Refusal(already(holder() or {}))
    try:
        yield lock
    finally:
        lock.release()


class Told(BaseException):
    """Ctrl-C, or a signal that asks to stop."""


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        for sign in signals:  # a second one must not interrupt the stopping
            signal.signal(sign, signal.SIG_IGN)
        raise Told

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for sign in signals:
        signal.signal(sign, stop)
    with suppress(Told):
        yield


class Running:
    """Everything that runs, from the servers to the site."""

    def __init__(self, lock: Lock, listener: socket.socket, *, reload: bool) -> None:
        self.lock = lock
        self.listener = listener
        self.reload = reload
        self.shop = shop_served()
        self.servers = Servers.of_this_checkout()
        self.guard = Guard(lock.file.fileno())
        self.kept_servers: list[Kept] = []
        self.kept_site: list[Kept] = []

    @property
    def address(self) -> str:
        return f"{site.address(self.listener)}/"

    def until_told_to_stop(self) -> None:
        try:
            self._start()
            while True:
                time.sleep(0.25)
                self._look_after()
        finally:
            self._stop()

    def _start(self) -> None:
        self._start_servers()
        with static_files.gathering_changed(self.servers, self.guard):
            prepare(self.servers, self.guard, only=shop_served())
        say("Starting the site")
        web, *others = self._site()
        self.kept_site.append(Kept(web, self.guard))
        self._wait_for_answer()  # the rest would only slow the first page down
        prepare(self.servers, self.guard)
        demo.load_on_first_run(self.servers, self.guard)
        self.kept_site += [Kept(program, self.guard) for program in others]
        self.lock.tell(state=RUNNING, address=self.address, embedded=[s.name for s in self.servers.embedded])
        self._welcome()

    def _start_servers(self) -> None:
        if self.servers.embedded:
            say(f"Starting {' and '.join(server.name for server in self.servers.embedded)}")
        for server in self.servers.embedded:
            self.kept_servers.append(Kept(server.program(), self.guard, renew=server.program))
        for server, kept in zip(self.servers.embedded, self.kept_servers, strict=True):
            wait_until(server.ready, kept.child, server.trouble)
        if not self.servers.valkey:
            broker.look_at(self.servers.redis_url())

    def _site(self) -> list[Program]:
        return site.programs(self.servers, self.shop, self.listener, reload=self.reload)

    def _wait_for_answer(self) -> None:
        """The site answers when it can reach everything it needs."""
        log = LOGS / "web.log"
        trouble = f"The site does not answer; {shown(log)} ends with:\n"
        wait_until(self._ready, self.kept_site[0].child, lambda: trouble + last_lines(log))

    def _ready(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.address}readyz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def _welcome(self) -> None:
        say(f"\nRegulars is open at {self.address}")
        if self.shop == DEMO and (logins := demo.logins()):
            say(logins)
        say(f"Ctrl-C stops it. Logs are in {shown(LOGS)}.")

    def _look_after(self) -> None:
        for kept in [*self.kept_servers, *self.kept_site]:
            kept.look_after()
        shop = shop_named()
        if has_demo() and shop and shop != self.shop:
            self.shop = shop
            self._serve_other_shop()

    def _serve_other_shop(self) -> None:
        """The web first: whoever asked for the other shop waits for its answer."""
        say(f"Changing to the {self.shop} shop")
        for kept in self.kept_site:
            kept.child.ask_to_stop()
        for kept, program in zip(self.kept_site, self._site(), strict=True):
            kept.change(program)

    def _stop(self) -> None:
        say("Stopping")
        self.lock.tell(state=STOPPING)
        stop_together([kept.child for kept in self.kept_site])
        servers.stop([kept.child for kept in self.kept_servers])
        self.guard.dismiss()
