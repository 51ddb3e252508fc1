"""A full recompute, and what is made anew of a few customers, against one ordered, index-only pass over the purchases.

The pass is one process: shared among several, none of them would read in order. The worker has made figures before, as
one that runs has. Readers ask all the time while a run
publishes. An order goes through a relay and a worker of its own until the card has it.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator

from django.db import connection, transaction

from bench import peak, refreshing, watching
from bench.database import shop, url
from bench.result import Result

PASS = """
SELECT count(*), sum(n), sum(s), min(a), max(b) FROM (
    SELECT customer_id, count(*) AS n, sum(net) AS s, min(placed_at) AS a, max(placed_at) AS b FROM crm_order
     WHERE cancelled_at IS NULL AND paid_at IS NOT NULL GROUP BY customer_id ORDER BY customer_id
) AS by_customer
"""  # every column is asked for, or the planner would leave its sum out


ROUNDS = 5
PUBLISHING = (
    "Comparing with what is here",
    "Writing the figures",
    "Making them quick to find",
    "Showing them to everybody",
)
# What is worked out once everybody sees the figures, and is told apart.
AFTERWARDS = (
    "Noting who moved to another group",
    "Working out the months people look at first",
    "Grading the forecasts",
)


def measure(options: argparse.Namespace) -> Iterator[Result]:
    """Pass and run take turns, so that what else the machine does weighs on both."""
    with shop(options.customers):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE crm_order")
        name = f"bench_{options.customers}"
        with peak.Worker(DATABASE_URL=url(name), REGULARS_ROLE="worker") as worker:
            _round(worker)  # warm, both
            yield from _full([_round(worker) for _ in range(ROUNDS)], options.customers)
            yield watching.readers(lambda: _recompute(worker))
        yield from refreshing.measure(options.customers, ordered_pass)


def _full(rounds: list["Round"], customers: int) -> Iterator[Result]:
    ordered, seconds, memory, stages = (list(measured) for measured in zip(*rounds, strict=True))
    ratio = statistics.median(run / one for run, one in zip(seconds, ordered, strict=True))
    detail = f"{statistics.median(seconds):.2f} s, one pass {statistics.median(ordered):.2f} s"
    yield Result("full recompute against one ordered pass", ratio, "x", 6, detail)
    yield Result("full recompute: peak memory", max(memory), "MB", 1000, _spent(stages))
    published = [sum(run[stage] for stage in PUBLISHING) for run in stages]
    ratio = statistics.median(took / one for took, one in zip(published, ordered, strict=True))
    detail = f"{statistics.median(published):.2f} s for {customers} rows; what the models say is known by then"
    yield Result("publishing against one ordered pass", ratio, "x", 1.5, detail)


Round = tuple[float, float, float, dict[str, float]]


def _round(worker: peak.Worker) -> Round:
    """Seconds of a pass, the mean of before and after; seconds, memory and stages of the run between."""
    before = ordered_pass()
    seconds, memory, stages = _recompute(worker)
    return (before + ordered_pass()) / 2, seconds, memory, stages


def _spent(stages: list[dict[str, float]]) -> str:
    """Where the time goes: what is done beside a stage is not told."""
    return ", ".join(f"{stage} {statistics.median(run[stage] for run in stages):.2f} s" for stage in stages[0])


def ordered_pass() -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute("SET LOCAL enable_hashagg = off")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        start = time.perf_counter()
        cursor.execute(PASS)
        return time.perf_counter() - start


def _recompute(worker: peak.Worker) -> tuple[float, float, dict[str, float]]:
    """Seconds until the flags are raised, and of each stage, as the command reports them; its process's peak memory."""
    told, memory = worker.run("recompute", "--full", "--json")
    facts = json.loads(told)
    stages: dict[str, float] = facts["stages"]
    return float(facts["seconds"]) - sum(stages.get(stage, 0.0) for stage in AFTERWARDS), memory, stages
