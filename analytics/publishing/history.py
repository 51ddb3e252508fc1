"""What orders add up to is the same for nearly everybody in the next run: where few changed, only theirs is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from analytics.models import Figures, Generation, PurchaseDays
from analytics.publishing.copying import POSTGRES_DAY
from analytics.purchases.reading import Ints, Purchases, binary_cursor, numbers, steered
from analytics.purchases.summary import Customers

DAYS, SUMS = PurchaseDays._meta.db_table, Figures._meta.db_table
FORM = 1  # to be raised when other figures are made of the same purchases: everybody's are written anew then
FEW = 0.05  # of the customers: beyond, a fresh table is written sooner
LITTER = 0.2  # as many rows that are gone and still take room, and a fresh one is due
PART = 50_000  # customers compared at once

# Of each customer their id and how many days; then of all of them the orders, the net, and the days with their lengths.
_HELD = f"""
    SELECT string_agg(int8send(customer_id) || int8send(cardinality(days)), ''), string_agg(orders, ''),
           string_agg(net, ''), string_agg(substr(array_send(days), 21), '')
      FROM (SELECT * FROM {DAYS} WHERE customer_id BETWEEN %s AND %s ORDER BY customer_id) AS held
"""
# What was given back without naming an order is in the net of no day.
_SUMS = f"""
    SELECT string_agg(int8send(customer_id) || int8send((net * 1000)::bigint), ''), string_agg(int4send(orders), ''),
           string_agg(date_send(last_on), '')
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
    """What the table has of some customers, by their ids; net in thousandths, last_on as ordinals."""

    ids: Ints
    net: Ints
    orders: Any
    last_on: Any

    @classmethod
    def of(cls, sent: tuple[bytes | None, ...]) -> "_Sums":
        who, orders, last_on = sent
        ids, net = np.ascontiguousarray(numbers(who).reshape(-1, 2).T)
        return cls(ids, net, np.frombuffer(orders or b"", ">i4"), np.frombuffer(last_on or b"", ">i4") + POSTGRES_DAY)


@dataclass(frozen=True)
class _Held:
    """What the table has of some customers, by their ids; days as ordinals. Sizes add up to the shape of the rest."""

    ids: Ints
    sizes: Ints
    orders: Any
    net: Any
    days: Any

    @property
    def is_whole(self) -> bool:
        """As many of each: nothing in the database holds them to it."""
        return self.orders.size == self.net.size == self.days.size == self.sizes.sum()


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
            held = np.union1d(days.ids, figures.ids)
            gone.append(np.setdiff1d(held, part.customers[~differs[-1]], assume_unique=True))
            most -= max(int(differs[-1].sum()), gone[-1].size)
            if most < 0:
                return None
    which = np.concatenate(differs)
    return Changes(np.concatenate(gone), purchases.of(which), customers.part(which))


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
    low = -(2**63)
    with binary_cursor() as cursor:
        for number, part in enumerate(purchases.parts(PART), 1):
            following = purchases.customers[number * PART : number * PART + 1]
            high = int(following[0]) - 1 if following.size else 2**63 - 1
            days = _held(cursor.execute(_HELD, [low, high]).fetchone())
            figures = _Sums.of(cursor.execute(_SUMS, [low, high]).fetchone())
            yield part, customers.part(slice((number - 1) * PART, number * PART)), days, figures
            low = high + 1


def _held(sent: tuple[bytes | None, ...]) -> _Held:
    who, orders, net, days = sent
    ids, sizes = np.ascontiguousarray(numbers(who).reshape(-1, 2).T)
    ordinals = np.frombuffer(days or b"", dtype=">i4")[1::2] + POSTGRES_DAY
    return _Held(ids, sizes, np.frombuffer(orders or b"", ">i4"), np.frombuffer(net or b"", ">i8"), ordinals)


def _differs(part: Purchases, held: _Held) -> NDArray[np.bool_]:
    """For each customer whether the table says something else of them, or nothing."""
    sizes = np.bincount(part.index, minlength=len(part))
    _, ours, theirs = np.intersect1d(part.customers, held.ids, assume_unique=True, return_indices=True)
    alike = sizes[ours] == held.sizes[theirs]
    ours, theirs = ours[alike], theirs[alike]
    mine, its = _rows(sizes, ours), _rows(held.sizes, theirs)
    other = (part.day[mine] != held.days[its]) | (part.orders[mine] != held.orders[its])
    other |= part.net[mine] != held.net[its]
    differs = np.ones(len(part), dtype=bool)
    differs[ours] = False
    differs[part.index[mine][other]] = True
    return differs


def _differs_in_sum(ours: Customers, held: _Sums) -> NDArray[np.bool_]:
    """The same of the figures. Whatever else they are comes from the same days."""
    _, mine, its = np.intersect1d(ours.ids, held.ids, assume_unique=True, return_indices=True)
    other = (ours.net[mine] != held.net[its]) | (ours.orders[mine] != held.orders[its])
    differs = np.ones(len(ours), dtype=bool)
    differs[mine] = other | (ours.last[mine] != held.last_on[its])
    return differs


def _rows(sizes: Ints, which: Ints) -> Any:
    """The rows of those, where each has so many one after the other."""
    if which.size == sizes.size:
        return slice(None)
    chosen = np.zeros(sizes.size, dtype=bool)
    chosen[which] = True
    return np.repeat(chosen, sizes)
