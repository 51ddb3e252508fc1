"""Figures of any range and group on demand, against one ordered pass over the purchases; then kept, as pages."""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

from django.db import connection
from django.test import override_settings

from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.metrics.groups import Group
from analytics.metrics.spans import Span
from analytics.models import AskedFigures, Generation
from bench.database import shop
from bench.pages import FLOOR, client_of_the_bench, ok, times_in_turn
from bench.recompute import ordered_pass
from bench.result import Result
from crm.models import Customer

ROUNDS = 5
PAGES = {
    "Retention, kept": "/retention/",
    "Retention of a range, kept": "/retention/?period=2026-03-05..2026-04-10",
    "Goals": "/retention/goals/",
}


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with override_settings(ROOT_URLCONF="bench.floor", DEBUG=False, ALLOWED_HOSTS=["*"]), shop(options.customers):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE crm_order, analytics_purchasedays, crm_reach")
        generation = Generation.objects.get(is_current=True)
        ordered_pass()  # warm
        for name, ask in _questions(generation).items():
            yield _against_the_pass(name, ask)
        client = client_of_the_bench()
        for name, page in PAGES.items():
            floor, times = times_in_turn([lambda: ok(client, FLOOR), lambda p=page: ok(client, p)], 40)
            base, median = statistics.median(floor), statistics.median(times)
            yield Result(f"{name}: against the floor", median / base, "x", 10, f"{median:.1f} ms, floor {base:.2f} ms")


def _questions(generation: Generation) -> dict[str, Callable[[], object]]:
    month = Span.of(generation.as_of, "month").before
    days = Span(month.before.first, month.last)
    tenth = Group("tenth", members=lambda span: Customer.objects.extra(where=["id %% 10 = 0"]).values("pk"))
    return {
        "any range": lambda: asking.sums(generation, [Question(days)]),
        "a month and the one before it": lambda: asking.sums(generation, [Question(month), Question(month.before)]),
        "a group of a tenth": lambda: asking.sums(generation, [Question(days, tenth)]),
        "the months of a tenth": lambda: asking.months(generation, tenth),
    }


def _against_the_pass(name: str, ask: Callable[[], object]) -> Result:
    rounds = []
    for _ in range(ROUNDS):
        AskedFigures.objects.all().delete()
        before, start = ordered_pass(), time.perf_counter()
        ask()
        seconds = time.perf_counter() - start
        rounds.append((seconds, (before + ordered_pass()) / 2))
    ratio = statistics.median(seconds / one for seconds, one in rounds)
    detail = f"{statistics.median(seconds for seconds, _one in rounds):.2f} s"
    return Result(f"on demand: {name}, against one ordered pass", ratio, "x", 2, detail)
