"""Purchases of the shop, read once in the order of their covering index, and gathered into purchase days."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate, zip_longest
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import Cursor
from psycopg.pq import Format

from analytics.beside import Beside
from analytics.definition import Definition
from analytics.purchases.local_days import local_days
from crm import revenue

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BLOCK = 200_000  # rows looked at in one go
CHUNK = 60_000  # orders read in one go, about: what the processor keeps at hand

NONE = np.zeros(0, dtype=np.int64)

# What is left out: staff and resellers marked so, and cards that were merged into another.
_LEFT_OUT = """
    SELECT string_agg(int8send(id), '') FROM crm_customer
     WHERE (left_out_at IS NOT NULL OR merged_into_id IS NOT NULL) AND {which}
"""
# Who objects to profiling, and the erased: their orders count, they themselves are not scored.
_UNSCORED = """
    SELECT string_agg(int8send(id), '') FROM crm_customer
     WHERE (unprofiled_since IS NOT NULL OR erased_at IS NOT NULL) AND {which}
"""
_BOUNDS = """
    SELECT (SELECT customer_id FROM crm_order WHERE cancelled_at IS NULL AND paid_at IS NOT NULL
             ORDER BY customer_id LIMIT 1),
           (SELECT customer_id FROM crm_order WHERE cancelled_at IS NULL AND paid_at IS NOT NULL
             ORDER BY customer_id DESC LIMIT 1),
           (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'crm_order'::regclass)
"""
# One string of bytes per chunk: three arrays cost a third more, a row at a time ten times as much. The customer
# stands where a separator would, which saves a copy; in front of the first, where none stands, it is the lowest.
_READ = """
    SELECT int8send(min(customer_id)) ||
           string_agg(timestamptz_send(placed_at) || int8send(({net} * 1000)::bigint), int8send(customer_id))
      FROM (SELECT customer_id, placed_at, {net} FROM crm_order
             WHERE cancelled_at IS NULL AND paid_at IS NOT NULL AND {which}
             ORDER BY customer_id, placed_at) AS purchase
"""

# The covering index answers in its own order; sorting or hashing a million rows takes five times as long.
STEER = "; ".join(
    f"SET LOCAL {name} = {value}"
    for name, value in {
        "enable_hashagg": "off",
        "enable_seqscan": "off",
        "enable_bitmapscan": "off",
        "max_parallel_workers_per_gather": 0,
        "statement_timeout": 0,
        "idle_in_transaction_session_timeout": 0,
    }.items()
)


# Money given back without naming an order.
_GIVEN_BACK = """
    SELECT string_agg(int8send(customer_id) || timestamptz_send(at) || int8send((amount * 1000)::bigint), '')
      FROM crm_refund WHERE order_id IS NULL AND {which}
"""


@dataclass(frozen=True)
class Purchases:
    """Purchase days, sorted by customer, then day.

    customers: ids, ascending, shape (c,); index: 0 … c-1 for each row, day: ordinals, orders: orders on
    the day, net: thousandths, all of shape (rows,). given_back_*: refunds that belong to no order, by customer.
    Read here, index, day and orders are numbers of four bytes: half the memory, and half the way to the processor.
    """

    customers: Ints
    index: Any
    day: Any
    orders: Any
    net: Ints
    given_back_index: Ints = field(default_factory=lambda: NONE)
    given_back_day: Ints = field(default_factory=lambda: NONE)
    given_back: Ints = field(default_factory=lambda: NONE)

    @property
    def starts(self) -> Ints:
        """The row at which each customer begins, shape (c,)."""
        begins = np.ones(self.index.size, dtype=bool)
        begins[1:] = self.index[1:] != self.index[:-1]
        return np.flatnonzero(begins)

    def __len__(self) -> int:
        return self.customers.size

    def until(self, day: int) -> "Purchases":
        """What was known at the end of a day. Without what was given back."""
        kept = self.day <= day
        if kept.all():
            return self
        who, index = np.unique(self.index[kept], return_inverse=True)
        return Purchases(self.customers[who], index, self.day[kept], self.orders[kept], self.net[kept])

    def every(self, n: int) -> "Purchases":
        """Each n-th customer only: enough where much is to be learned of many. Without what was given back."""
        if n <= 1:
            return self
        sizes = np.diff(np.append(self.starts, self.day.size))[::n]
        first = np.cumsum(sizes) - sizes
        rows = np.repeat(self.starts[::n] - first, sizes) + np.arange(int(sizes.sum()))
        index = np.repeat(np.arange(sizes.size), sizes)
        return Purchases(self.customers[::n], index, self.day[rows], self.orders[rows], self.net[rows])

    def of(self, which: Any) -> "Purchases":
        """Of those customers only, a flag for each. Without what was given back."""
        rows = which[self.index]
        index = np.cumsum(which)[self.index[rows]] - 1
        return Purchases(self.customers[which], index, self.day[rows], self.orders[rows], self.net[rows])

    def parts(self, size: int) -> Iterator["Purchases"]:
        """So many customers at a time; nothing but what was given back is copied."""
        for first in range(0, len(self), size):
            last = min(first + size, len(self))
            rows = rows_between(self.index, first, last)
            theirs = (self.given_back_index >= first) & (self.given_back_index < last)
            yield Purchases(
                self.customers[first:last],
                self.index[rows] - self.index.dtype.type(first),
                self.day[rows],
                self.orders[rows],
                self.net[rows],
                self.given_back_index[theirs] - first,
                self.given_back_day[theirs],
                self.given_back[theirs],
            )

    @classmethod
    def together(cls, parts: list["Purchases"]) -> "Purchases":
        """Parts of different customers, in the order of their ids; they are given up, as both take much memory."""
        if not parts:
            return cls(NONE, NONE, NONE, NONE, NONE)
        sizes = accumulate((len(part) for part in parts), initial=0)
        index = [part.index + size for part, size in zip(parts, sizes, strict=False)]
        rest = {name: [getattr(part, name) for part in parts] for name in ("customers", "day", "orders", "net")}
        parts.clear()
        return cls(index=_joined(index), **{name: _joined(arrays) for name, arrays in rest.items()})


def rows_between(index: Any, first: int, last: int) -> slice:
    """The rows of customers first … last-1. Asked with numbers of another size, NumPy would copy all of the index."""
    return slice(*np.searchsorted(index, np.array([first, last], dtype=index.dtype)))


def blocks(customer: Any) -> Iterator[slice]:
    """Rows of whole customers, as many at a time as the processor's cache holds. customer: sorted, shape (rows,)."""
    first = 0
    while first < customer.size:
        last = min(first + BLOCK, customer.size)
        if last < customer.size:
            last = int(np.searchsorted(customer, customer[last - 1], side="right"))
        yield slice(first, last)
        first = last


def _joined(arrays: list[Any]) -> Any:
    joined = np.concatenate(arrays)
    arrays.clear()
    return joined


def all_purchases(
    definition: Definition, *, beside: Beside | None = None, progress: Callable[[int, int], None] | None = None
) -> Purchases:
    """Everything, as it is at one moment. `beside`: half of it is read there, in the same snapshot."""
    zone, statement = definition.zone, _read(definition, "customer_id BETWEEN %s AND %s")
    with steered(), binary_cursor() as cursor:
        left_out = _left_out(cursor)
        low, high, about = cursor.execute(_BOUNDS).fetchone()
        ranges = list(_ranges(low, high, about))

        def read(some: list[tuple[int, int]], cursor: Any, tell: bool = False) -> list[Purchases]:
            parts = []
            for first, last in some:
                cursor.execute(statement, [first, last])
                parts.append(_gathered(cursor.fetchone()[0], left_out, definition))
                if tell and progress:
                    progress(last - low, high - low)
            return parts

        def read_elsewhere(snapshot: str) -> list[Purchases]:
            with steered(snapshot), binary_cursor() as elsewhere:
                return read(ranges[1::2], elsewhere)

        if beside is None or beside.at_once:
            return _with_given_back(cursor, Purchases.together(read(ranges, cursor, tell=True)), zone, "true")
        snapshot = cursor.execute("SELECT pg_export_snapshot()").fetchone()[0]
        odd = beside.start(lambda: read_elsewhere(snapshot))
        even = read(ranges[::2], cursor, tell=True)
        parts = [part for pair in zip_longest(even, odd()) for part in pair if part is not None]
        del even, odd
        return _with_given_back(cursor, Purchases.together(parts), zone, "true")


@contextmanager
def steered(snapshot: str = "") -> Iterator[None]:
    """A transaction of one moment, or of the moment of another; the planner goes by the covering index."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if snapshot:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        cursor.execute(STEER)
        yield


def purchases_of(customers: list[int], definition: Definition) -> Purchases:
    """Of these customers only; those without a purchase are missing."""
    with binary_cursor() as cursor:
        ids, theirs = written(customers), "customer_id = ANY(%s::bigint[])"
        left_out = _left_out(cursor, "id = ANY(%s::bigint[])", ids)
        cursor.execute(_read(definition, theirs), [ids])
        found = _gathered(cursor.fetchone()[0], left_out, definition)
        return _with_given_back(cursor, found, definition.zone, theirs, ids)


def _read(definition: Definition, which: str) -> str:
    return _READ.format(net=revenue.column(definition.tax_and_shipping), which=which)


def _with_given_back(cursor: Any, purchases: Purchases, zone: str, which: str, *values: Any) -> Purchases:
    cursor.execute(_GIVEN_BACK.format(which=which), values)
    customer, moment, amount = np.ascontiguousarray(numbers(cursor.fetchone()[0]).reshape(-1, 3).T)
    known = np.isin(customer, purchases.customers)
    return replace(
        purchases,
        given_back_index=np.searchsorted(purchases.customers, customer[known]),
        given_back_day=local_days(moment[known], zone),
        given_back=amount[known],
    )


def _ranges(low: int | None, high: int | None, about: float) -> Iterator[tuple[int, int]]:
    """Ranges of customer ids with about CHUNK orders each: an even number, as two read them."""
    if low is None or high is None:
        return
    step = -(-(high - low + 1) // (2 * max(1, round(about / CHUNK / 2))))
    for first in range(low, high + 1, step):
        yield first, min(first + step - 1, high)


def _gathered(sent: bytes | None, left_out: Ints, definition: Definition) -> Purchases:
    customer, moment, net = np.ascontiguousarray(numbers(sent).reshape(-1, 3).T)
    keep = net >= 0 if definition.count_free_orders else net > 0
    if left_out.size:
        keep &= ~np.isin(customer, left_out)
    if not keep.all():
        customer, moment, net = customer[keep], moment[keep], net[keep]
    return _by_day(customer, local_days(moment, definition.zone), net)


def _by_day(customer: Ints, day: Ints, net: Ints) -> Purchases:
    if np.any((np.diff(day) < 0) & (customer[1:] == customer[:-1])):
        # A clock set back over midnight (St John's did it): the later moment lies on the earlier day.
        order = np.lexsort((day, customer))
        customer, day, net = customer[order], day[order], net[order]
    other = np.ones(customer.size, dtype=bool)
    other[1:] = customer[1:] != customer[:-1]
    begins = other.copy()
    begins[1:] |= day[1:] != day[:-1]
    starts = np.flatnonzero(begins)
    new_customer = other[starts]
    return Purchases(
        customers=customer[starts][new_customer],
        index=np.cumsum(new_customer, dtype=np.int32) - 1,
        day=day[starts].astype(np.int32),
        orders=np.diff(starts, append=customer.size).astype(np.int32),
        net=np.add.reduceat(net, starts) if starts.size else net,
    )


def binary_cursor() -> Any:
    connection.ensure_connection()
    cursor = Cursor(connection.connection)  # Django's own cursors bind on the client and cannot receive binary
    cursor.format = Format.BINARY
    return cursor


def unscored(customers: list[int] | None = None) -> Ints:
    """Of everybody, or of these."""
    which, values = ("true", []) if customers is None else ("id = ANY(%s::bigint[])", [written(customers)])
    with binary_cursor() as cursor:
        return numbers(cursor.execute(_UNSCORED.format(which=which), values).fetchone()[0])


def written(ids: list[int]) -> str:
    """An array as PostgreSQL writes it: made in one go, where the driver takes a thousand numbers one by one."""
    return str(ids).replace("[", "{").replace("]", "}")


def _left_out(cursor: Any, which: str = "true", *values: Any) -> Ints:
    return numbers(cursor.execute(_LEFT_OUT.format(which=which), values).fetchone()[0])


def numbers(sent: bytes | None) -> Ints:
    """What int8send and timestamptz_send wrote."""
    return np.frombuffer(sent or b"", dtype=">i8").astype(np.int64)
