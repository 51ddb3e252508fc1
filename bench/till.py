"""Redemptions over HTTP: 8 clients hold and commit, two server processes, the whole ledger, and a code beside it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench.database import database, url
from bench.result import Result
from crm.models import Customer
from loyalty.models import Account
from loyalty.points.checking import check
from shop.models import ApiKey

CLIENTS, SECONDS = 8, 4.0
NAME = "bench_till"
MANY_LOTS = 1_000
# There and back, so that the ledger still adds up afterwards; two of these are two statements and two commits.
BARE = "UPDATE loyalty_account SET available = available + %s WHERE id = %s AND available >= 1"


def measure(options: Any) -> Iterator[Result]:
    with database(NAME):
        own, hot, many = _fill()
        _secret, key = ApiKey.make(f"bench {timezone.now():%H%M%S}", ["till.use"])
        connection.close()
        with _two_processes() as address:
            spread = _rate(address, key, lambda client: own[client])
            heat = _rate(address, key, lambda client: hot)
            lots = _rate(address, key, lambda client: many)
        bare, bare_hot = _bare([*own]), _bare([hot] * CLIENTS)
        wrong = check().count
    detail = f"bare statement {bare:,.0f}/s, {bare / spread:.1f} x as many"
    yield Result("till: redemptions a second, 8 clients", spread, "/s", 100, detail, at_least=True)
    detail = f"bare statement {bare_hot:,.0f}/s, {bare_hot / heat:.1f} x as many"
    yield Result("till: the same on one account", heat, "/s", 40, detail, at_least=True)
    detail = f"all on one account: {heat:.0f}/s with one lot, {lots:.0f}/s with {MANY_LOTS:,}"
    yield Result("till: an account of 1,000 lots against one of 1", heat / lots, "x", 1.3, detail)
    yield Result("till: differences in the ledger afterwards", wrong, "", 0)


def _fill() -> tuple[list[int], int, int]:
    """Customers: one a client, one for all of them, and one for all whose points came in a thousand lots."""
    mark = timezone.now().strftime("%H%M%S")
    ids = [Customer.objects.create(given_name=f"Bench {mark}", family_name=str(n)).pk for n in range(CLIENTS + 2)]
    for pk in ids:
        lots = MANY_LOTS if pk == ids[-1] else 1
        account = Account.of(Customer.objects.get(pk=pk))
        for lot in range(lots):
            account.earn(10_000_000 // lots, reason="gift", key=f"{mark}:{lot}", kind="bonus")
    return ids[:CLIENTS], ids[-2], ids[-1]


@contextmanager
def _two_processes() -> Iterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    fd = listener.fileno()
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=fd://{fd}", "--worker-class=gthread"]
    env = {**os.environ, "DATABASE_URL": url(NAME), "API_PER_MINUTE": "10000000", "DEBUG": "0", "REGULARS_ROLE": "web"}
    env |= {"SECRET_KEY": settings.SECRET_KEY, "ALLOWED_HOSTS": "127.0.0.1"}
    argv += ["--workers=2", "--threads=4", "--keep-alive=30", "--no-control-socket"]
    server = subprocess.Popen(argv, env=env, pass_fds=[fd], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield listener.getsockname()
    finally:
        server.terminate()
        server.wait(20)
        listener.close()


def _rate(address: tuple[str, int], key: str, customer_of: Callable[[int], int]) -> float:
    """Redemptions that were held and paid, a second."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda client: _sell(address, key, customer_of(client), f"w{client}", 1.0), range(CLIENTS)))
        began = time.perf_counter()
        run = f"r{time.time_ns()}"
        sold = pool.map(
            lambda client: _sell(address, key, customer_of(client), f"{run}-{client}", SECONDS), range(CLIENTS)
        )
        return sum(sold) / (time.perf_counter() - began)


def _sell(address: tuple[str, int], key: str, customer: int, run: str, seconds: float) -> int:
    held = http.client.HTTPConnection(*address, timeout=60)
    body = {"customer": {"id": customer}, "lines": [{"sku": "A", "quantity": 2, "unit_price": "9.45"}], "use_points": 5}
    run, sold, until = f"{run}-{time.time_ns()}", 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        reference = f"{run}-{sold}"
        hold = _post(held, key, "holds/", {**body, "reference": reference}, f"h{reference}")["hold"]
        _post(held, key, f"holds/{hold}/commit/", {}, f"c{reference}")
        sold += 1
    held.close()
    return sold


def _post(held: http.client.HTTPConnection, key: str, path: str, body: dict[str, Any], once: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": once}
    held.request("POST", f"/api/v1/till/{path}", json.dumps(body), headers)
    answer = held.getresponse()
    content = answer.read()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{answer.status}: {content[:300]!r}")
    return json.loads(content)


def _bare(customers: list[int]) -> float:
    """The least that could be done: the one conditional statement and a commit, from as many clients."""
    ids = [Account.objects.get(customer=pk).pk for pk in customers]
    connection.close()

    def spend(account: int) -> int:
        done, until = 0, time.perf_counter() + SECONDS / 2
        with psycopg.connect(url(NAME)) as own:
            while time.perf_counter() < until:
                for by in (-1, 1):
                    own.execute(BARE, [by, account])
                    own.commit()
                done += 2
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(spend, ids)) / (SECONDS / 2)
