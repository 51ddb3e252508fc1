"""The processes of the site: web, relay, worker, beat."""

import os
import socket
from pathlib import Path
from typing import Any

from doors.paths import PYTHON, ROOT, VAR
from doors.processes import Program
from doors.refusal import Refusal
from doors.servers import Servers
from doors.variables import environment

HOST = "127.0.0.1"
WEB_PROCESSES, WEB_THREADS, WORKER_PROCESSES = 2, 8, 2


def listen(port: int) -> socket.socket:
    """Bound by the supervisor and handed to the web: while the web restarts, visitors wait instead of failing."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise Refusal(
            f"Port {port} on {HOST} cannot be used ({os.strerror(error.errno or 0).lower()}): "
            f"choose another with bin/dev --port {port + 1 if port < 65535 else 8000}."
        ) from None
    listener.listen(128)
    return listener


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def programs(servers: Servers, shop: str, listener: socket.socket, *, reload: bool = False) -> list[Program]:
    site_url = {"SITE_URL": address(listener)}

    def program(name: str, *argv: str | Path, **how: Any) -> Program:
        return Program(name, [PYTHON, *argv], site_url | environment(servers, shop, name), **how)

    celery = ("-m", "celery", "--app", "config", "--skip-checks")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    worker = program("worker", *celery, "worker", f"--concurrency={WORKER_PROCESSES}", "--loglevel=INFO", *quiet)
    # A warm stop loses nothing (tasks are acknowledged late), but only SIGQUIT gives up running tasks in time.
    worker.env = {**worker.env, "REMAP_SIGTERM": "SIGQUIT"}
    return [
        program("web", *_gunicorn(listener, reload=reload), pass_fds=[listener.fileno()], stop_within=8.0),
        program("relay", ROOT / "manage.py", "relay"),
        worker,
        program("beat", *celery, "beat", "--loglevel=INFO", f"--schedule={VAR / f'beat-{shop}'}", "--pidfile="),
    ]


def _gunicorn(listener: socket.socket, *, reload: bool) -> list[str]:
    return [
        *("-m", "gunicorn", "config.wsgi"),
        f"--bind=fd://{listener.fileno()}",
        "--worker-class=gthread",
        f"--workers={WEB_PROCESSES}",
        f"--threads={WEB_THREADS}",
        "--timeout=60",
        "--graceful-timeout=5",
        "--no-control-socket",
        "--reload" if reload else "--preload",  # loaded once for all its processes
    ]
