"""The embedded Valkey (it speaks Redis's protocol) as a foreground child on a Unix socket."""

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from doors import binaries
from doors.homes import Home
from doors.processes import Program, last_lines


@dataclass(frozen=True)
class Valkey:
    home: Home
    log: Path
    lasting: bool = True

    name: ClassVar[str] = "Valkey"

    @property
    def socket(self) -> Path:
        return self.home.sockets / "valkey.sock"

    def url(self, number: int = 0) -> str:
        return f"unix://{quote(str(self.socket))}?db={number}"

    def program(self) -> Program:
        settings: dict[str, str | Path] = {
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "dir": self.home.path,
            "databases": "64",
            "save": "",
            "appendonly": "yes" if self.lasting else "no",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        # A file, because words on the command line are split at their spaces.
        config = self.home.path / "valkey.conf"
        config.write_text("".join(f"{name} {_quoted(value)}\n" for name, value in settings.items()))
        self.socket.unlink(missing_ok=True)
        return Program(
            name="valkey",
            argv=[binaries.valkey(), config],
            env={"PATH": os.environ.get("PATH", "")},
            cwd=self.home.path,
            log=self.log,
            orphan_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def trouble(self) -> str:
        return f"Valkey does not start; its log {self.log} ends with:\n{last_lines(self.log)}"


def _quoted(value: str | Path) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
