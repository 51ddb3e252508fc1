"""A full recompute against one ordered, index-only pass over the purchases."""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from django.db import connection, transaction

from bench.database import shop, url
from bench.imports import ROOT
from bench.result import Result

PASS = """
SELECT count(*), sum(n), sum(s), min(a), max(b) FROM (
    SELECT customer_id, count(*) AS n, sum(net) AS s, min(placed_at) AS a, max(placed_at) AS b FROM crm_order
     WHERE cancelled_at IS NULL AND paid_at IS NOT NULL GROUP BY customer_id ORDER BY customer_id
) AS by_customer
"""  # every column is asked for, or the planner would leave its sum out


ROUNDS = 5


def measure(options: argparse.Namespace) -> Iterator[Result]:
    """Pass and run take turns, so that what else the machine does weighs on both."""
    with shop(options.customers):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE crm_order")
        _ordered_pass()  # warm
        rounds = [_round(f"bench_{options.customers}") for _ in range(ROUNDS)]
    ordered, seconds, memory, stages = (list(measured) for measured in zip(*rounds, strict=True))
    ratio = statistics.median(run / one for run, one in zip(seconds, ordered, strict=True))
    detail = f"{statistics.median(seconds):.2f} s, one pass {statistics.median(ordered):.2f} s"
    yield Result("full recompute against one ordered pass", ratio, "x", 6, detail)
    yield Result("full recompute: peak memory", max(memory), "MB", 1000, _spent(stages))


def _round(name: str) -> tuple[float, float, float, dict[str, float]]:
    """Seconds of a pass, the mean of before and after; seconds, memory and stages of the run between."""
    before = _ordered_pass()
    seconds, memory, stages = _recompute(name)
    return (before + _ordered_pass()) / 2, seconds, memory, stages


def _spent(stages: list[dict[str, float]]) -> str:
    """Where the time goes: what is done beside a stage is not told."""
    return ", ".join(f"{stage} {statistics.median(run[stage] for run in stages):.2f} s" for stage in stages[0])


def _ordered_pass() -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL enable_hashagg = off")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        start = time.perf_counter()
        cursor.execute(PASS)
        return time.perf_counter() - start


def _recompute(name: str) -> tuple[float, float, dict[str, float]]:
    """Seconds of the run itself and of its stages, as the command reports them; the peak memory of its process."""
    environment = {**os.environ, "DATABASE_URL": url(name), "REGULARS_ROLE": "worker"}
    command = [sys.executable, "manage.py", "recompute", "--full", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    facts = json.loads(done.stdout)
    return float(facts["seconds"]), memory, facts["stages"]
