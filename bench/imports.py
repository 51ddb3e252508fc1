"""Imports against one INSERT … SELECT of the same rows into the same tables: orders, then customers and their undo.

`--customers 0 --people 1000000` is the real million, without what takes long and tells nothing more of so many.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from bench import peak, synthetic
from bench.database import database, url
from bench.result import Result
from config.patience import PatientConnection
from crm.imports import undoing
from crm.models import Customer, Identifier, Import
from loyalty.models import Entry

NAME = "bench_import"
MILLION = 1_000_000


def measure(options: argparse.Namespace) -> Iterator[Result]:
    PatientConnection.SECONDS = 600  # a bare INSERT takes longer than a page may
    if options.customers:
        yield from _orders(options)
    if options.people < MILLION:
        yield from _people(options.people)
    else:
        yield from _million(options.people)


def _orders(options: argparse.Namespace) -> Iterator[Result]:
    with database(NAME), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        rows = _write(file, options.customers)
        _empty()
        seconds, megabytes = _import(file, "orders")
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


def _million(number: int) -> Iterator[Result]:
    with database(NAME), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.csv"
        _write_people(file, number)
        _empty()
        seconds, megabytes = _import(file, "customers")
        assert Customer.objects.count() == number
        _empty()
    yield Result("customers: 1,000,000 in", seconds / number * MILLION, "s", 240, f"{number:,} of them")
    yield Result("customers: peak memory", megabytes, "MB", 300)


def _people(number: int) -> Iterator[Result]:
    """Cards with a customer number, an e-mail and a phone each; one in ten wants no offers. Then points for each."""
    with database(NAME), tempfile.TemporaryDirectory() as folder:
        file, balances = Path(folder) / "customers.csv", Path(folder) / "points.csv"
        _write_people(file, number)
        _empty()
        seconds, megabytes = _import(file, "customers")
        back = _undo(number)
        _empty()
        _import(file, "customers")
        _write_balances(balances, number)
        opening, opening_megabytes = _import(balances, "points")
        assert Entry.objects.count() == number
        _empty("loyalty_account, loyalty_entry, loyalty_lot")
        bare = _bare_insert_of_people()
        _empty()
    detail = f"{number:,} customers in {seconds:.1f} s, bare insert {bare:.1f} s"
    yield Result("customers: rate against one INSERT … SELECT", bare / seconds, "x", 0.4, detail, at_least=True)
    yield Result("customers: 1,000,000 in", seconds / number * MILLION, "s", 240)
    yield Result("customers: peak memory", megabytes, "MB", 300)
    yield Result("customers: taking back against bringing in", back / seconds, "x", 3, f"{back:.1f} s")
    yield Result("opening balances against their customers", opening / seconds, "x", 1.5, f"{opening:.1f} s")
    yield Result("opening balances: peak memory", opening_megabytes, "MB", 300)


def _write_balances(file: Path, number: int) -> None:
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["customer_id", "points", "expires_on"])
        writer.writerows([f"C{n}", 1 + n % 900, f"2199-0{1 + n % 9}-15"] for n in range(number))


def _write_people(file: Path, number: int) -> None:
    syllables = list(synthetic.SYLLABLES)
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow("customer_id email phone given_name family_name city country birthday consent_offers".split())
        for n in range(number):
            name = synthetic.GIVEN[n * 7 % len(synthetic.GIVEN)]
            family = f"{syllables[n % len(syllables)]}{syllables[n // 25 % len(syllables)]}".title()
            phone, day = f"+447{n * 7919 % 1_000_000_000:09}", f"19{50 + n % 50}-0{1 + n % 9}-1{n % 9}"
            no = "no" if n % 10 == 0 else "yes"
            person = [f"C{n}", f"person{n}@people.example", phone, name, family]
            writer.writerow([*person, f"Town {n % 300}", "United Kingdom", day, no])


def _undo(number: int) -> float:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    outcome = undoing.undo(Import.objects.latest("pk"), by=None)
    assert outcome.restored == number, outcome
    return time.perf_counter() - start


def _bare_insert_of_people() -> float:
    """What the import made, from staging tables into the same tables."""
    tables = {"crm_customer": Customer, "crm_identifier": Identifier}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        columns = {}
        for table, model in tables.items():
            fields = model._meta.local_concrete_fields
            columns[table] = ", ".join(str(field.column) for field in fields if not field.generated)
            cursor.execute(f"DROP TABLE IF EXISTS bench_{table}")
            cursor.execute(f"CREATE UNLOGGED TABLE bench_{table} AS SELECT {columns[table]} FROM {table}")
            cursor.execute(f"ANALYZE bench_{table}")
        _truncate(cursor, "crm_customer, crm_reach")
        start = time.perf_counter()
        for table in tables:
            cursor.execute(f"INSERT INTO {table} ({columns[table]}) SELECT * FROM bench_{table}")
        seconds = time.perf_counter() - start
        cursor.execute(f"DROP TABLE {', '.join(f'bench_{table}' for table in tables)}")
    return seconds


def _import(file: Path, kind: str) -> tuple[float, float]:
    start = time.perf_counter()
    _told, memory = peak.run(f"import_{kind}", str(file), DATABASE_URL=url(NAME), REGULARS_ROLE="manage")
    return time.perf_counter() - start, memory


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


def _empty(tables: str = "crm_customer, crm_order, crm_event, crm_reach") -> None:
    with connection.cursor() as cursor:
        _truncate(cursor, tables)


def _truncate(cursor: Any, tables: str) -> None:
    """With what points at them; append-only tables ask for a reason."""
    cursor.execute("SET regulars.reason = 'retention:bench'")
    cursor.execute(f"TRUNCATE {tables} CASCADE")
    cursor.execute("RESET regulars.reason")
