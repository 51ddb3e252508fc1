"""Replays the whole ledger, account by account, and names every difference. Reads only: it repairs nothing.

Every rule is about the rows of one account. So accounts are read in batches, each as of one moment of the database,
in streams: of each account only its own rows are in memory, and no old moment is held open while others work.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from loyalty.points.replaying import Replay, Rows

ACCOUNTS = 2_000  # of one batch
ROWS = 5_000  # that are fetched at a time

_ACCOUNTS = """
SELECT id, available, pending, held, debt, lifetime_earned, last_sequence
  FROM loyalty_account WHERE id > %(after)s AND id <= %(last)s ORDER BY id
"""
_LAST = """
SELECT max(id) FROM (SELECT id FROM loyalty_account WHERE id > %(after)s ORDER BY id LIMIT %(most)s) AS batch
"""
_ENTRIES = """
SELECT account_id, id, sequence, kind, points, reverses_id
  FROM loyalty_entry WHERE account_id > %(after)s AND account_id <= %(last)s ORDER BY account_id, sequence
"""
# Moments are compared here, which costs less than to read each of them.
_LOTS = """
SELECT account_id, lot.id, entry_id, granted, remaining, lot.held, available_at <= as_of,
       remaining > lot.held AND expires_at <= as_of,
       CASE WHEN remaining > lot.held AND change < next_change_at THEN ARRAY[change::text, next_change_at::text] END
  FROM loyalty_lot AS lot JOIN loyalty_account AS account ON account.id = lot.account_id,
       LATERAL (SELECT CASE WHEN available_at > as_of THEN available_at ELSE expires_at END) AS next (change)
 WHERE account_id > %(after)s AND account_id <= %(last)s ORDER BY account_id, lot.id
"""
_ALLOCATIONS = """
SELECT entry.account_id, taken.id, taken.entry_id, taken.lot_id, taken.points, taken.restores_id
  FROM loyalty_allocation AS taken JOIN loyalty_entry AS entry ON entry.id = taken.entry_id
 WHERE entry.account_id > %(after)s AND entry.account_id <= %(last)s ORDER BY entry.account_id, taken.id
"""
_HOLDS = """
SELECT hold.account_id, hold.id, hold.points, part.lot_id, part.points,
       CASE WHEN hold.expires_at <= account.as_of THEN ARRAY[hold.expires_at::text, account.as_of::text] END
  FROM loyalty_hold AS hold JOIN loyalty_account AS account ON account.id = hold.account_id
  LEFT JOIN loyalty_heldlot AS part ON part.hold_id = hold.id
 WHERE hold.status = 'open' AND hold.account_id > %(after)s AND hold.account_id <= %(last)s
 ORDER BY hold.account_id, hold.id
"""
_STREAMS = {"entries": _ENTRIES, "lots": _LOTS, "allocations": _ALLOCATIONS, "holds": _HOLDS}


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
    progress: Callable[[int, int], None] | None = None,
    keep: int = 1_000,
) -> Outcome:
    """`tell` gets each difference as it is found, `progress` after each batch how many accounts are done, and of how
    many."""
    outcome = Outcome()
    total = _one("SELECT count(*) FROM loyalty_account")
    for batch in _batches():
        with _one_moment():
            for account, rows in _by_account(batch):
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
        if progress:
            progress(outcome.accounts, max(total, outcome.accounts))
    return outcome


def _batches() -> Iterator[dict[str, int]]:
    """Accounts by their numbers: those above one, up to another."""
    after = 0
    while last := _one(_LAST, {"after": after, "most": ACCOUNTS}):
        yield {"after": after, "last": last}
        after = last


def _one(statement: str, values: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


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


def _by_account(batch: dict[str, int]) -> Iterator[tuple[Any, Rows]]:
    """Each account with its rows. Rows of no account cannot be: the database holds the foreign keys."""
    streams = [_Grouped(name, sql, batch) for name, sql in _STREAMS.items()]
    for account in _stream("accounts", _ACCOUNTS, batch):
        yield account, Rows(*(stream.of(account[0]) for stream in streams))


def _stream(name: str, sql: str, batch: dict[str, int]) -> Iterator[Any]:
    connection.ensure_connection()
    with connection.connection.cursor(name=f"check_{name}") as cursor:
        cursor.itersize = ROWS
        yield from cursor.execute(sql, batch)


class _Grouped:
    """A stream ordered by account, handed out account by account."""

    def __init__(self, name: str, sql: str, batch: dict[str, int]) -> None:
        self.groups = groupby(_stream(name, sql, batch), key=itemgetter(0))
        self.next: tuple[int, Any] | None = next(self.groups, None)

    def of(self, account: int) -> list[Any]:
        if self.next is None or self.next[0] != account:
            return []
        rows = list(self.next[1])
        self.next = next(self.groups, None)
        return rows
