"""What orders add up to is the same for nearly everybody in the next run: where few changed, only theirs is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from analytics.beside import one_ahead
from analytics.models import Figures, Generation, PurchaseDays
from analytics.publishing.digests import digests
from analytics.purchases.reading import NONE, Ints, Purchases, binary_cursor, numbers, steered
from analytics.purchases.summary import Customers

DAYS, SUMS = PurchaseDays._meta.db_table, Figures._meta.db_table
FORM = 1  # to be raised when other figures are made of the same purchases: everybody's are written anew then
FEW = 0.05  # of the customers: beyond, a fresh table is written sooner
LITTER = 0.2  # as many rows that are gone and still take room, and a fresh one is due
PART = 12_500  # customers compared at once, while the next are read

# Of each customer their id, how many days, and a digest of these; then of all of them the orders and the net. To send
# the days themselves took as long as all the rest.
_HELD = f"""
    SELECT string_agg(int8send(customer_id) || int8send(cardinality(days)), ''), string_agg(orders, ''),
           string_agg(net, ''), string_agg(int8send(hash_array_extended(days, 0)), '')
      FROM (SELECT * FROM {DAYS} WHERE customer_id BETWEEN %s AND %s ORDER BY customer_id) AS held
"""
# What was given back without naming an order is in the net of no day.
_SUMS = f"""
    SELECT string_agg(int8send(customer_id) || int8send((net * 1000)::bigint), '')
      FROM (SELECT * FROM {SUMS} WHERE customer_id BETWEEN %s AND %s ORDER BY customer_id) AS held
"""
_LITTER = "SELECT max(n_dead_tup) FROM pg_stat_user_tables WHERE relid IN (%s::regclass, %s::regclass)"


@dataclass(frozen=True)
class Changes:
    """ids: whose rows go; purchases, customers: what comes, and what it adds up to."""

    ids: Ints
    purchases: Purchases
    customers: Customers


@dataclass(frozen=True)
class _Sums:
    """What the table has of some customers, by their ids; net in thousandths. All else comes from the same days."""

    ids: Ints
    net: Ints

    @classmethod
    def of(cls, sent: tuple[bytes | None]) -> "_Sums":
        return cls(*np.ascontiguousarray(numbers(sent[0]).reshape(-1, 2).T))


@dataclass(frozen=True)
class _Held:
    """What the table has of some customers, by their ids. Sizes add up to the shape of orders and net."""

    ids: Ints
    sizes: Ints
    orders: Any
    net: Any
    digests: Any

    @property
    def is_whole(self) -> bool:
        """As many of each: nothing in the database holds them to it."""
        return bool(self.orders.size == self.net.size == self.sizes.sum())


def changes(purchases: Purchases, customers: Customers) -> Changes | None:
    """What the tables in use lack and have too much; None where fresh ones are better."""
    gone: list[Ints] = []
    differs: list[NDArray[np.bool_]] = []
    most = FEW * len(purchases)
    if not len(purchases) or not _is_of_this_form() or _litter() > LITTER * len(purchases):
        return None
    with steered():
        for part, sums, days, figures in _side_by_side(purchases, customers):
            if not days.is_whole:
                return None
            differs.append(_differs(part, days) | _differs_in_sum(sums, figures))
            if differs[-1].any() or not _are_of(part, days, figures):
                held = np.union1d(days.ids, figures.ids)
                gone.append(np.setdiff1d(held, part.customers[~differs[-1]], assume_unique=True))
                most -= max(int(differs[-1].sum()), gone[-1].size)
            if most < 0:
                return None
    which = np.concatenate(differs)
    return Changes(np.concatenate([NONE, *gone]), purchases.of(which), customers.part(which))


def _are_of(part: Purchases, *held: "_Held | _Sums") -> bool:
    """Of nobody else: mostly so."""
    return all(np.array_equal(one.ids, part.customers) for one in held)


def _is_of_this_form() -> bool:
    before = Generation.objects.current()
    return before is not None and before.totals.get("form") == FORM


def _litter() -> int:
    """Nobody cleans the tables: the switch would have to wait for who does."""
    with connection.cursor() as cursor:
        cursor.execute(_LITTER, [DAYS, SUMS])
        return int(cursor.fetchone()[0])


def _side_by_side(purchases: Purchases, customers: Customers) -> Iterator[tuple[Purchases, Customers, _Held, _Sums]]:
    """Some customers at a time, and whatever the tables have from the first of them until the next ones."""
    with binary_cursor() as cursor:
        sent = one_ahead(partial(_read, cursor, *ids) for ids in _ranges(purchases.customers))
        for number, (part, (days, figures)) in enumerate(zip(purchases.parts(PART), sent, strict=True)):
            theirs = customers.part(slice(number * PART, (number + 1) * PART))
            yield part, theirs, _held(days), _Sums.of(figures)


def _ranges(ids: Ints) -> Iterator[tuple[int, int]]:
    """From the first id of each part until before that of the next, from the lowest there is to the highest."""
    low = -(2**63)
    for first in ids[PART::PART].tolist():
        yield low, first - 1
        low = first
    yield low, 2**63 - 1


def _read(cursor: Any, low: int, high: int) -> tuple[Any, Any]:
    return cursor.execute(_HELD, [low, high]).fetchone(), cursor.execute(_SUMS, [low, high]).fetchone()


def _held(sent: tuple[bytes | None, ...]) -> _Held:
    who, orders, net, digests = sent
    ids, sizes = np.ascontiguousarray(numbers(who).reshape(-1, 2).T)
    return _Held(ids, sizes, np.frombuffer(orders or b"", ">i4"), np.frombuffer(net or b"", ">i8"), numbers(digests))


def _differs(part: Purchases, held: _Held) -> NDArray[np.bool_]:
    """For each customer whether the table says something else of them, or nothing."""
    sizes = np.bincount(part.index, minlength=len(part))
    _, ours, theirs = np.intersect1d(part.customers, held.ids, assume_unique=True, return_indices=True)
    alike = (sizes[ours] == held.sizes[theirs]) & (digests(part)[ours] == held.digests[theirs])
    ours, theirs = ours[alike], theirs[alike]
    mine, its = _rows(sizes, ours), _rows(held.sizes, theirs)
    other = (part.orders[mine] != held.orders[its]) | (part.net[mine] != held.net[its])
    differs = np.ones(len(part), dtype=bool)
    differs[ours] = False
    differs[part.index[mine][other]] = True
    return differs


def _differs_in_sum(ours: Customers, held: _Sums) -> NDArray[np.bool_]:
    """The same of the figures."""
    _, mine, its = np.intersect1d(ours.ids, held.ids, assume_unique=True, return_indices=True)
    differs = np.ones(len(ours), dtype=bool)
    differs[mine] = ours.net[mine] != held.net[its]
    return differs


def _rows(sizes: Ints, which: Ints) -> Any:
    """The rows of those, where each has so many one after the other."""
    if which.size == sizes.size:
        return slice(None)
    chosen = np.zeros(sizes.size, dtype=bool)
    chosen[which] = True
    return np.repeat(chosen, sizes)
