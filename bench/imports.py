"""Import of orders against one INSERT … SELECT of the same rows into the same table."""

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from bench import synthetic
from bench.database import database, url
from bench.result import Result

NAME = "bench_import"
ROOT = Path(__file__).resolve().parent.parent


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with database(NAME), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        rows = _write(file, options.customers)
        _empty()
        seconds, megabytes = _import(file)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM crm_order")
            (kept,) = cursor.fetchone()
        assert kept == rows, (kept, rows)
        bare = _bare_insert()
        _empty()
    detail = f"{rows:,} orders in {seconds:.1f} s, bare insert {bare:.1f} s"
    yield Result("import: rate against one INSERT … SELECT", bare / seconds, "x", 0.5, detail, at_least=True)
    yield Result("import: peak memory", megabytes, "MB", 300)


def _write(file: Path, customers: int) -> int:
    owner, days_ago = synthetic.purchases(customers)
    now = time.time()
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["customer_id", "order_id", "ordered_at", "amount"])
        for number, (who, days) in enumerate(zip(owner.tolist(), days_ago.tolist(), strict=True)):
            at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now - days * 86400))
            writer.writerow([f"C{who}", f"O{number}", at, f"{10 + number % 90}.{number % 100:02}"])
    return len(owner)


def _import(file: Path) -> tuple[float, float]:
    command = [sys.executable, "manage.py", "import_orders", str(file)]
    environment = {**os.environ, "DATABASE_URL": url(NAME), "REGULARS_ROLE": "manage"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert after >= before
    return seconds, after / 1024


def _bare_insert() -> float:
    """The same rows from a staging table into the same table with the same indexes and constraints."""
    columns = (
        "customer_id, source, reference, placed_at, paid_at, channel, branch, staff, goods, discount, shipping, tax"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("DROP TABLE IF EXISTS bench_staging")
        cursor.execute(f"CREATE UNLOGGED TABLE bench_staging AS SELECT {columns}, total, refunded FROM crm_order")
        _truncate(cursor, "crm_order")
        cursor.execute("ANALYZE bench_staging")
        start = time.perf_counter()
        cursor.execute(f"INSERT INTO crm_order ({columns}, total, refunded) SELECT * FROM bench_staging")
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE bench_staging")
    return seconds


def _empty() -> None:
    with connection.cursor() as cursor:
        _truncate(cursor, "crm_customer, crm_order, crm_event")


def _truncate(cursor: Any, tables: str) -> None:
    """With what points at them; append-only tables ask for a reason."""
    cursor.execute("SET regulars.reason = 'retention:bench'")
    cursor.execute(f"TRUNCATE {tables} CASCADE")
    cursor.execute("RESET regulars.reason")
