"""Replays the whole ledger, account by account, and names every difference. Reads only: it repairs nothing.

Rows come in streams ordered by account, of one moment of the database; of each account only its own rows are in memory.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from loyalty.points.replaying import Replay, Rows

BATCH = 5_000

_ACCOUNTS = """
SELECT id, available, pending, held, debt, lifetime_earned, last_sequence, as_of, next_change_at
  FROM loyalty_account ORDER BY id
"""
_ENTRIES = """
SELECT account_id, id, sequence, kind, points, reverses_id FROM loyalty_entry ORDER BY account_id, sequence
"""
_LOTS = """
SELECT account_id, id, entry_id, granted, remaining, held, available_at, expires_at
  FROM loyalty_lot ORDER BY account_id, id
"""
_ALLOCATIONS = """
SELECT entry.account_id, taken.id, taken.entry_id, taken.lot_id, taken.points, taken.restores_id
  FROM loyalty_allocation AS taken JOIN loyalty_entry AS entry ON entry.id = taken.entry_id
 ORDER BY entry.account_id, taken.id
"""
_HOLDS = """
SELECT hold.account_id, hold.id, hold.points, hold.expires_at, part.lot_id, part.points
  FROM loyalty_hold AS hold LEFT JOIN loyalty_heldlot AS part ON part.hold_id = hold.id
 WHERE hold.status = 'open' ORDER BY hold.account_id, hold.id
"""


@dataclass(frozen=True)
class Difference:
    """`what`: a code. `where`: the entry, lot, hold or allocation it is about, or empty: the account itself."""

    account: int
    what: str
    expected: Any
    found: Any
    where: str = ""

    def __str__(self) -> str:
        place = f"account {self.account}" + (f", {self.where}" if self.where else "")
        return f"{place}: {self.what}: expected {self.expected}, found {self.found}"


@dataclass
class Outcome:
    accounts: int = 0
    entries: int = 0
    differences: list[Difference] = field(default_factory=list)
    more: int = 0  # differences beyond those that are kept

    @property
    def count(self) -> int:
        return len(self.differences) + self.more


def check(
    *,
    tell: Callable[[Difference], None] | None = None,
    progress: Callable[[int], None] | None = None,
    keep: int = 1_000,
) -> Outcome:
    """`tell` gets each difference as it is found, `progress` the number of accounts every so often."""
    outcome = Outcome()
    with _one_moment():
        for account, rows in _by_account():
            outcome.accounts += 1
            outcome.entries += len(rows.entries)
            for what, where, expected, found in Replay(account, rows).differences():
                difference = Difference(account[0], what, expected, found, where)
                if tell:
                    tell(difference)
                if len(outcome.differences) < keep:
                    outcome.differences.append(difference)
                else:
                    outcome.more += 1
            if progress and not outcome.accounts % BATCH:
                progress(outcome.accounts)
    return outcome


@contextmanager
def _one_moment() -> Iterator[None]:
    """All streams see the same. Inside somebody's transaction (a test) that is as good as it gets."""
    inside = connection.in_atomic_block
    with transaction.atomic():
        if not inside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def _by_account() -> Iterator[tuple[Any, Rows]]:
    """Each account with its rows. Rows of no account cannot be: the database holds the foreign keys."""
    streams = [_Grouped(name, sql) for name, sql in _STREAMS.items()]
    for account in _stream("accounts", _ACCOUNTS):
        yield account, Rows(*(stream.of(account[0]) for stream in streams))


_STREAMS = {"entries": _ENTRIES, "lots": _LOTS, "allocations": _ALLOCATIONS, "holds": _HOLDS}


def _stream(name: str, sql: str) -> Iterator[Any]:
    connection.ensure_connection()
    with connection.connection.cursor(name=f"check_{name}") as cursor:
        cursor.itersize = BATCH
        yield from cursor.execute(sql)


class _Grouped:
    """A stream ordered by account, handed out account by account."""

    def __init__(self, name: str, sql: str) -> None:
        self.groups = groupby(_stream(name, sql), key=itemgetter(0))
        self.next: tuple[int, Any] | None = next(self.groups, None)

    def of(self, account: int) -> list[Any]:
        if self.next is None or self.next[0] != account:
            return []
        rows = list(self.next[1])
        self.next = next(self.groups, None)
        return rows
