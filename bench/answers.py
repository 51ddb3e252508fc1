"""Answers over HTTP while no Redis answers: 8 people at a time, two server processes, none lost."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.utils import timezone

from bench.database import database
from bench.form import running_survey
from bench.processor import Meter
from bench.result import Result
from bench.servers import CLIENTS, WARM_UP, Address, Wire, two_processes
from crm.models import Customer, Event
from feedback.answering import guard
from feedback.models import Invitation, InvitationToken, Response

NAME = "bench_form"
NO_REDIS = "redis://127.0.0.1:1/0"  # nobody answers there
SECONDS, MOST = 30.0, 12_000


def measure(options: Any) -> Iterator[Result]:
    with database(NAME):
        secrets = _invite()
        stamps = {secret: guard.stamp(secret) for secret in secrets}
        before = Response.objects.count(), Event.objects.filter(kind="response.recorded").count()
        connection.close()
        time.sleep(guard.LEAST + 1)
        links = _one_by_one(stamps)
        with two_processes(NAME, ANSWERS_PER_HOUR="10000000", REDIS_URL=NO_REDIS) as (address, server):
            early, _seconds = _answer_all(address, links, WARM_UP)
            meter = Meter(server)
            statuses, seconds = _answer_all(address, links, SECONDS)
            meter.stop(sum(statuses.values()))
        stored = Response.objects.count() - before[0]
        told = Event.objects.filter(kind="response.recorded").count() - before[1]
    everything = early + statuses
    said = everything[303]
    others = {status: n for status, n in everything.items() if status != 303}
    detail = f"{statuses[303]:,} in {seconds:.0f} s, 8 people, no Redis; {meter.said}; others {others or 'none'}"
    yield Result("answers: a second", statuses[303] / seconds, "/s", 60, detail, at_least=True)
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


def _one_by_one(stamps: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A generator cannot be asked by two threads at once; this can."""
    return iter(list(stamps.items()))


def _answer_all(address: Address, links: Iterator[tuple[str, str]], seconds: float) -> tuple[Counter[int], float]:
    began = time.perf_counter()

    def one(_client: int) -> Counter[int]:
        held, seen = Wire(address), Counter[int]()
        while time.perf_counter() - began < seconds and (mine := next(links, None)):
            seen[_post(held, *mine)] += 1
        held.close()
        return seen

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sum(pool.map(one, range(CLIENTS)), Counter[int]())
    return statuses, time.perf_counter() - began


def _post(held: Wire, secret: str, stamp: str) -> int:
    body = urlencode({"q_score": "7", "q_comment": "It came late.", "stamp": stamp})
    status, _content = held.post(f"/f/{secret}/?lang=en", body, Content_Type="application/x-www-form-urlencoded")
    return status
