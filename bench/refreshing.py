"""Figures of customers who changed: of many at once, and of one from the order to the card."""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from analytics.models import Figures, Stale
from analytics.refreshing import refresh
from bench.database import url
from bench.peak import ROOT
from bench.result import Result
from crm.models import Order

ROUNDS, ORDERS = 5, 30
WARM_UP = 60.0  # seconds that the relay and the worker may take until they have done a first order
LONGEST = 30.0  # seconds


def measure(customers: int, ordered_pass: Callable[[], float]) -> Iterator[Result]:
    """One customer of a hundred changes: 10,000 of a million."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(customer_id) FROM analytics_figures")
        everybody = cursor.fetchone()[0]
    changed = max(customers // 100, 1)
    rounds = [_round(random.sample(everybody, changed), ordered_pass) for _ in range(ROUNDS)]
    ratio = statistics.median(took / one for took, one in rounds)
    detail = f"{statistics.median(took for took, _ in rounds):.2f} s"
    yield Result(f"figures of {changed} changed customers against one pass", ratio, "x", 0.5, detail)
    yield _to_the_card(random.sample(everybody, ORDERS + 1))


def _round(changed: list[int], ordered_pass: Callable[[], float]) -> tuple[float, float]:
    Stale.mark(changed)
    before = ordered_pass()
    start = time.perf_counter()
    assert refresh() >= len(changed)
    took = time.perf_counter() - start
    return took, (before + ordered_pass()) / 2


def _to_the_card(customers: list[int]) -> Result:
    """Through a relay and a worker that have nothing else to do."""
    with _processes():
        _wait_for_the_card(customers[0], WARM_UP)
        times = sorted(_wait_for_the_card(customer, LONGEST) for customer in customers[1:])
    p95 = times[round(0.95 * (len(times) - 1))]
    detail = f"median {statistics.median(times):.2f} s of {len(times)} orders"
    return Result("one order until its card has the figures, p95", p95, "s", 2, detail)


@contextmanager
def _processes() -> Iterator[None]:
    environment = {**os.environ, "DATABASE_URL": url(connection.settings_dict["NAME"]), "REMAP_SIGTERM": "SIGQUIT"}
    celery = ["-m", "celery", "--app", "config", "--skip-checks", "worker", "--concurrency=1", "--loglevel=ERROR"]
    commands = {"relay": ["manage.py", "relay"], "worker": [*celery, "--without-gossip", "--without-mingle"]}
    running = [
        subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment | {"REGULARS_ROLE": role},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for role, command in commands.items()
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def _wait_for_the_card(customer: int, at_most: float) -> float:
    """Seconds from the order to the figures that count it."""
    had = _orders(customer)
    now = timezone.now()
    start = time.perf_counter()
    Order(
        customer_id=customer,
        source="bench",
        reference=f"R-{now.timestamp()}-{customer}",
        placed_at=now,
        paid_at=now,
        total=20,
    ).place()
    while _orders(customer) == had:
        assert time.perf_counter() - start < at_most, "the order never reached the card"
        time.sleep(0.02)
    return time.perf_counter() - start


def _orders(customer: int) -> int:
    found = Figures.objects.filter(customer=customer).values_list("orders", flat=True).first()
    return found or 0
