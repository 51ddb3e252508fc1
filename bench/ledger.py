"""Points: redemptions over eight clients in two processes, a hot account, many lots, expiry, the check.

Each beside the least statement that could do it: a conditional UPDATE of one sum, of a lot, a count of entries.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import connection
from django.utils import timezone

from bench import peak
from bench.database import database, url
from bench.result import Result
from config.patience import PatientConnection
from crm.models import Customer
from loyalty.models import Account
from loyalty.points import expiring

NAME = "bench_ledger"
PROCESSES, CLIENTS, SECONDS = 2, 4, 6  # clients of each process
PEOPLE = 100_000
RICH = 1_000  # lots of the account with many

_EMPTY = """
SET regulars.reason = 'retention:bench';
TRUNCATE loyalty_account, loyalty_entry, loyalty_lot, loyalty_allocation, loyalty_hold, loyalty_heldlot,
         crm_event CASCADE;
RESET regulars.reason
"""
_ENTRIES = """
INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, reason, note, actor, snapshot)
SELECT account.id, number, 'opening', %(points)s, now(), now(), 'opening', '', '', '{}'
  FROM loyalty_account AS account CROSS JOIN generate_series(1, %(lots)s) AS number WHERE account.id = ANY (%(ids)s)
"""
_LOTS = """
INSERT INTO loyalty_lot (account_id, entry_id, granted, remaining, held, available_at, expires_at)
SELECT account_id, id, points, points, 0, %(begin)s, %(end)s::timestamptz + sequence * interval '1 second'
  FROM loyalty_entry WHERE account_id = ANY (%(ids)s)
"""
_SUMS = """
UPDATE loyalty_account SET available = %(points)s * %(lots)s, last_sequence = %(lots)s, next_change_at = %(end)s
 WHERE id = ANY (%(ids)s)
"""
BARE = "UPDATE loyalty_account SET available = available - 1 WHERE id = %s AND available >= 1"


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with database(NAME):
        PatientConnection.SECONDS = 3_600  # filling tables takes longer than a page may wait
        _run("SET statement_timeout = 0")
        accounts = _people()
        yield from _redemptions(accounts)
        yield from _many_lots(accounts)
        yield from _expiry(accounts, options.lots)


def _people() -> list[int]:
    """Accounts of a hundred thousand customers, without a point."""
    if not Customer.objects.exists():
        Customer.objects.bulk_create((Customer(given_name=f"Bench {n}") for n in range(PEOPLE)), batch_size=5_000)
    _run(_EMPTY)
    _run("INSERT INTO loyalty_account (customer_id, available, pending, held, debt, lifetime_earned, last_sequence,"
         " as_of, next_change_at) SELECT id, 0, 0, 0, 0, 0, 0, now(), '9999-01-01' FROM crm_customer")  # fmt: skip
    _run("VACUUM ANALYZE")
    return list(Account.objects.order_by("pk").values_list("pk", flat=True))


def _give(ids: list[int], lots: int, points: int, *, ends_in: timedelta) -> None:
    now = timezone.now()
    values = {"ids": ids, "lots": lots, "points": points, "begin": now - timedelta(days=9), "end": now + ends_in}
    for statement in (_ENTRIES, _LOTS, _SUMS):
        _run(statement, values)


def _redemptions(accounts: list[int]) -> Iterator[Result]:
    spread, hot = accounts[:2_000], accounts[2_000:2_001]
    for ids, points in ((spread, 10_000), (hot, 10_000_000)):
        _give(ids, 2, points, ends_in=timedelta(days=300))
    for what, ids, bar in (("redemptions, 2,000 accounts", spread, 100), ("redemptions, one hot account", hot, 40)):
        bare, whole = _rate(_bare, ids), _rate(_spend, ids)
        yield Result(what, whole, "a second", bar, f"bare UPDATE {bare:.0f}, ratio {bare / whole:.1f}", at_least=True)


def _rate(verb: Callable[[int, str], None], ids: list[int]) -> float:
    """Of all clients together."""
    start = "import django; django.setup(); from bench.ledger import clients; clients()"
    environment = {**os.environ, "DATABASE_URL": url(NAME), "DJANGO_SETTINGS_MODULE": "config.settings"}
    asked = [json.dumps([verb.__name__, ids, number]) for number in range(PROCESSES)]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        for _number in range(PROCESSES)
    ]
    with ThreadPoolExecutor(PROCESSES) as pool:
        told = list(pool.map(lambda process, text: process.communicate(text)[0], started, asked))
    return sum(int(text.split()[-1]) for text in told) / SECONDS


def clients() -> None:
    """One process of several clients, with its orders on the way in and what it did on the way out."""
    verb, ids, number = json.load(sys.stdin)
    do = globals()[verb]
    end = time.monotonic() + SECONDS + 1

    def client(which: int) -> int:
        done = 0
        mine = ids[(number * CLIENTS + which) :: PROCESSES * CLIENTS] or ids
        connection.ensure_connection()
        time.sleep(max(0, end - SECONDS - time.monotonic()))
        while time.monotonic() < end:
            do(mine[done % len(mine)], f"{number}-{which}-{done}-{end}")
            done += 1
        connection.close()
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        print(sum(pool.map(client, range(CLIENTS))))


def _bare(account: int, key: str) -> None:
    _run(BARE, [account])


def _spend(account: int, key: str) -> None:
    Account.objects.get(pk=account).spend(1, reason="reward", key=key)


def _many_lots(accounts: list[int]) -> Iterator[Result]:
    """The same points in one lot, and in a thousand, of which each is spent by the next."""
    one, many = accounts[3_000], accounts[3_001]
    _give([one], 1, RICH * 5, ends_in=timedelta(days=300))
    _give([many], RICH, 5, ends_in=timedelta(days=300))
    times: dict[int, list[float]] = {one: [], many: []}
    keys = count()
    for _turn in range(600):
        for account in (one, many):
            begin = time.perf_counter()
            _spend(account, f"lots-{next(keys)}")
            times[account].append(time.perf_counter() - begin)
    few, lots = (statistics.median(times[account][50:]) * 1_000 for account in (one, many))
    yield Result("a redemption from 1,000 lots against one", lots / few, "x", 1.3, f"{lots:.2f} ms, {few:.2f} ms")


def _expiry(accounts: list[int], lots: int) -> Iterator[Result]:
    _people()
    accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    _give(accounts, max(lots // len(accounts), 1), 10, ends_in=timedelta(days=-5))
    _run("VACUUM ANALYZE")
    bare = _bare_expiry()
    longest, begin = 0.0, time.perf_counter()
    while True:
        before = time.perf_counter()
        if not expiring.sweep():
            break
        longest = max(longest, time.perf_counter() - before)
    rate = lots / (time.perf_counter() - begin)
    detail = f"bare UPDATE of a lot {bare:.0f}, ratio {bare / rate:.1f}"
    yield Result(f"lots expired, of {lots:,}", rate, "a second", 5_000, detail, at_least=True)
    yield Result("longest time an account was locked", longest, "s", 1.0)
    yield from _check(2 * lots)


def _bare_expiry() -> float:
    """Lots a second by one statement that only empties them; taken back."""
    _run("BEGIN")
    begin = time.perf_counter()
    _run("UPDATE loyalty_lot SET remaining = 0 WHERE id IN (SELECT id FROM loyalty_lot ORDER BY id LIMIT 100000)")
    took = time.perf_counter() - begin
    _run("ROLLBACK")
    return 100_000 / took


def _check(entries: int) -> Iterator[Result]:
    begin = time.perf_counter()
    _run("SELECT count(*), sum(points) FROM loyalty_entry")
    bare = time.perf_counter() - begin
    begin = time.perf_counter()
    _told, memory = peak.run("check_ledger", DATABASE_URL=url(NAME))
    took = time.perf_counter() - begin
    detail = f"{entries:,} entries in {took:.1f} s, count of them {bare:.2f} s"
    yield Result("check_ledger, a million entries", took / entries * 1_000_000, "s", 60, detail)
    yield Result("memory of check_ledger at most", memory, "MB", 300)


def _run(statement: str, values: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
