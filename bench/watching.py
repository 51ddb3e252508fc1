"""Readers who ask for one customer's figures all the time, while figures are published."""

import statistics
import threading
import time
from collections.abc import Callable

import psycopg
from django.db import connection

from bench.result import Result

READERS = 2
PAUSE = 0.002  # seconds: they are to wait for locks, and not to take the processors from who is measured
# An error tells of whoever had to wait for a lock for longer than this: the machine's other work does not.
PATIENCE = "100ms"

ASK = """
    SELECT count(*), min(scores.generation), max(cardinality(history.days))
      FROM analytics_scores AS scores JOIN analytics_purchasedays AS history USING (customer_id)
     WHERE customer_id BETWEEN %s AND %s + 10
"""


def readers(run: Callable[[], object]) -> Result:
    """How many had to wait too long."""
    stop, found = threading.Event(), [_Reader() for _ in range(READERS)]
    threads = [threading.Thread(target=reader.read, args=[stop]) for reader in found]
    for thread in threads:
        thread.start()
    try:
        run()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    times = [took for reader in found for took in reader.times]
    seen = {generation for reader in found for generation in reader.generations}
    detail = f"{len(times)} reads, median {statistics.median(times):.1f} ms, longest {max(times):.0f} ms"
    refused = sum(reader.refused for reader in found)
    assert len(seen) <= 2, "more than the figures before and those after"
    return Result(f"readers who waited over {PATIENCE} for the switch", refused, "", 0, detail)


class _Reader:
    def __init__(self) -> None:
        self.times: list[float] = []
        self.generations: set[int] = set()
        self.refused = 0
        settings = connection.get_connection_params()
        self.wire = psycopg.connect(
            **{name: settings[name] for name in ("dbname", "user", "password", "host", "port") if settings.get(name)},
            autocommit=True,
        )

    def read(self, stop: threading.Event) -> None:
        with self.wire as wire:
            wire.execute(f"SET lock_timeout = '{PATIENCE}'")
            first, last = wire.execute("SELECT min(customer_id), max(customer_id) FROM analytics_scores").fetchone()
            who = first
            while not stop.wait(PAUSE):
                who = first + (who - first + 7_919) % max(last - first - 10, 1)
                self._ask(wire, who)

    def _ask(self, wire: "psycopg.Connection[tuple]", who: int) -> None:
        start = time.perf_counter()
        try:
            found = wire.execute(ASK, [who, who]).fetchone()
            self.generations.update({found[1]} - {None})
        except psycopg.errors.LockNotAvailable:
            self.refused += 1
        self.times.append((time.perf_counter() - start) * 1000)
