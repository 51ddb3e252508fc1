"""Answers over HTTP while no Redis answers: 8 people at a time, two server processes, none lost."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench.database import database, url
from bench.form import running_survey
from bench.result import Result
from crm.models import Customer, Event
from feedback.answering import guard
from feedback.models import Invitation, InvitationToken, Response

NAME = "bench_form"
CLIENTS, SECONDS, MOST = 8, 30.0, 12_000


def measure(options: Any) -> Iterator[Result]:
    with database(NAME):
        secrets = _invite()
        stamps = {secret: guard.stamp(secret) for secret in secrets}
        before = Response.objects.count(), Event.objects.filter(kind="response.recorded").count()
        connection.close()
        time.sleep(guard.LEAST + 1)
        with _two_processes() as address:
            statuses, seconds = _answer_all(address, stamps)
        stored = Response.objects.count() - before[0]
        told = Event.objects.filter(kind="response.recorded").count() - before[1]
    said = statuses[303]
    others = {status: n for status, n in statuses.items() if status != 303}
    detail = f"{said:,} in {seconds:.0f} s, 8 people, no Redis; other statuses {others or 'none'}"
    yield Result("answers: a second", said / seconds, "/s", 60, detail, at_least=True)
    yield Result("answers: lost without Redis", abs(said - stored) + abs(said - told) + sum(others.values()), "", 0)


def _invite() -> list[str]:
    """So many links, each of one invitation, of five hundred customers."""
    survey, now = running_survey(), timezone.now()
    version = survey.version
    customers = Customer.objects.bulk_create(Customer(given_name="Bench", family_name=str(n)) for n in range(500))
    rows = Invitation.objects.bulk_create(
        Invitation(
            customer=customers[n % 500],
            survey=survey,
            version=version,
            trigger="hand",
            cause=f"bench:{now.timestamp()}:{n}",
            state="sent",
            sent_at=now,
            expires_at=now + timedelta(days=1),
        )
        for n in range(MOST)
    )
    secrets = [f"{n:011d}{os.urandom(16).hex()}" for n in range(MOST)]
    InvitationToken.objects.bulk_create(
        InvitationToken(
            purpose="answer",
            digest=InvitationToken._digest("answer", secret),
            expires_at=now + timedelta(days=1),
            invitation=row,
        )
        for secret, row in zip(secrets, rows, strict=True)
    )
    return secrets


@contextmanager
def _two_processes() -> Iterator[tuple[str, int]]:
    """Their Redis is an address at which nobody answers."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    fd = listener.fileno()
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=fd://{fd}", "--worker-class=gthread"]
    env = {
        **os.environ,
        "DATABASE_URL": url(NAME),
        "DEBUG": "0",
        "REGULARS_ROLE": "web",
        "ANSWERS_PER_HOUR": "10000000",
    }
    env |= {"SECRET_KEY": settings.SECRET_KEY, "ALLOWED_HOSTS": "127.0.0.1", "REDIS_URL": "redis://127.0.0.1:1/0"}
    argv += ["--workers=2", "--threads=4", "--keep-alive=30", "--no-control-socket"]
    server = subprocess.Popen(argv, env=env, pass_fds=[fd], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield listener.getsockname()
    finally:
        server.terminate()
        server.wait(20)
        listener.close()


def _answer_all(address: tuple[str, int], stamps: dict[str, str]) -> tuple[Counter[int], float]:
    links, place = list(stamps.items()), count()
    _post(http.client.HTTPConnection(*address, timeout=60), *links[next(place)])
    began = time.perf_counter()

    def one(_client: int) -> Counter[int]:
        held, seen = http.client.HTTPConnection(*address, timeout=60), Counter[int]()
        while time.perf_counter() - began < SECONDS and (mine := next(place)) < len(links):
            seen[_post(held, *links[mine])] += 1
        held.close()
        return seen

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sum(pool.map(one, range(CLIENTS)), Counter[int]())
    seconds = time.perf_counter() - began
    statuses[303] += 1  # the first one, which started the processes
    return statuses, seconds


def _post(held: http.client.HTTPConnection, secret: str, stamp: str) -> int:
    body = urlencode({"q_score": "7", "q_comment": "It came late.", "stamp": stamp})
    held.request("POST", f"/f/{secret}/?lang=en", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = held.getresponse()
    answer.read()
    return answer.status
