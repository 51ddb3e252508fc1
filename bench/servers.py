"""Two web processes of the kind that production runs, and clients that cost little: all share the processors."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from bench.database import url

CLIENTS = 8
WARM_UP = 8.0  # seconds, until both processes are up and every thread has its connection
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
Address = tuple[str, int]


@contextmanager
def two_processes(database: str, **variables: str) -> Iterator[tuple[Address, int]]:
    """Their address, and the number of the process above them."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    fd = listener.fileno()
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=fd://{fd}", "--worker-class=gthread"]
    argv += ["--workers=2", "--threads=4", "--keep-alive=30", "--no-control-socket"]
    env = {**os.environ, "DATABASE_URL": url(database), "DEBUG": "0", "REGULARS_ROLE": "web"}
    env |= {"SECRET_KEY": settings.SECRET_KEY, "ALLOWED_HOSTS": "127.0.0.1", **variables}
    server = subprocess.Popen(argv, env=env, pass_fds=[fd], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield listener.getsockname(), server.pid
    finally:
        server.terminate()
        server.wait(20)
        listener.close()


@contextmanager
def relay_and_worker(database: str) -> Iterator[None]:
    """As production runs them, with a queue of their own in the Redis at hand."""
    celery = ["-m", "celery", "--app", "config", "--skip-checks", "worker", "--concurrency=2", "--loglevel=WARNING"]
    celery += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    env = {**os.environ, "DATABASE_URL": url(database), "DEBUG": "0", "REGULARS_SHOP": "bench"}
    env |= {"SECRET_KEY": settings.SECRET_KEY, "REMAP_SIGTERM": "SIGQUIT"}
    programs = {"relay": ["manage.py", "relay"], "worker": celery}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    children = [
        subprocess.Popen([sys.executable, *argv], env={**env, "REGULARS_ROLE": role}, **quiet)
        for role, argv in programs.items()
    ]
    try:
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(60)


class Wire:
    """One connection that is kept. http.client takes a millisecond of the shared processors to read an answer."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection(address, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, body: str, **headers: str) -> tuple[int, bytes]:
        """Status and content."""
        said = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
        self.socket.sendall(f"POST {path} HTTP/1.1\r\n{lines}\r\n{body}".encode("ascii"))
        head, content = self._until_blank_line()
        length = _LENGTH.search(head)
        missing = int(length[1]) - len(content) if length else 0
        while missing > 0:
            part = self._receive()
            content, missing = content + part, missing - len(part)
        return int(head[9:12]), content

    def close(self) -> None:
        self.socket.close()

    def _until_blank_line(self) -> tuple[bytes, bytes]:
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._receive()
        head, _blank, content = got.partition(b"\r\n\r\n")
        return head, content

    def _receive(self) -> bytes:
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server hung up")
        return part
