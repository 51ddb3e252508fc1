"""The purchase days of the published figures, read back in parts: what any range and any group is worked out from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from analytics.beside import one_ahead
from analytics.definition import Definition
from analytics.publishing.copying import POSTGRES_DAY
from analytics.purchases.local_days import local_days
from analytics.purchases.reading import Purchases, binary_cursor, numbers, written

Ints = NDArray[np.int64]

PART = 12_500  # customers read in one go: few enough that the first are soon there to be counted

_BOUNDS = """
    SELECT (SELECT customer_id FROM analytics_purchasedays ORDER BY customer_id LIMIT 1),
           (SELECT customer_id FROM analytics_purchasedays ORDER BY customer_id DESC LIMIT 1),
           (SELECT customers FROM analytics_generation WHERE is_current)
"""
# Strings of bytes, each of one column: rows one by one take ten times as long. Of an array what stands in front of its
# elements is left out.
_READ = """
    SELECT string_agg(int8send(customer_id) || int8send(cardinality(days)), ''),
           string_agg(substr(array_send(days), 21), ''), string_agg(orders, ''), string_agg(net, '')
      FROM (SELECT customer_id, days, orders, net FROM analytics_purchasedays
             WHERE customer_id BETWEEN %s AND %s{among} ORDER BY customer_id) AS part
"""
# Of what was refunded of an order, the share that had counted; a refund without an order counts whole.
_REFUNDS = """
    SELECT string_agg(int8send(refund.customer_id) || timestamptz_send(refund.at)
                      || timestamptz_send(coalesce(ordered.placed_at, 'infinity'))
                      || int8send((refund.amount * {share} * 1000)::bigint), '')
      FROM crm_refund AS refund
      JOIN crm_customer AS customer ON customer.id = refund.customer_id
      LEFT JOIN crm_order AS ordered ON ordered.id = refund.order_id
     WHERE customer.left_out_at IS NULL AND customer.merged_into_id IS NULL
       AND (ordered.id IS NULL OR (ordered.cancelled_at IS NULL AND ordered.paid_at IS NOT NULL))
       AND refund.at >= %s
"""
_ALL = "1"
_GOODS = "coalesce(greatest(ordered.total - ordered.tax - ordered.shipping, 0) / nullif(ordered.total, 0), 1)"
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Refunds:
    """Sorted by customer: ids, local days of the refund and of its order (0: without one), thousandths."""

    customer: Ints
    day: Ints
    ordered: Ints
    amount: Ints

    def of(self, customers: Ints) -> "Refunds":
        """Of these customers, ids ascending."""
        return self._kept(np.isin(self.customer, customers))

    def between(self, low: int, high: int) -> "Refunds":
        first, last = np.searchsorted(self.customer, [low, high + 1])
        return self._kept(slice(first, last))

    def _kept(self, which: Any) -> "Refunds":
        return Refunds(self.customer[which], self.day[which], self.ordered[which], self.amount[which])


@contextmanager
def one_moment() -> Iterator[None]:
    """All parts of the same generation, also when a new one takes over meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def parts(among: Ints | None = None) -> Iterator[Purchases]:
    """Everybody's purchase days, or those of the customers in `among` (ids, ascending), some customers at a time.

    While some are counted the database gathers the next, on the same connection.
    """
    cuts = _ranges() if among is None else _cut(among)
    statement = _READ.format(among="" if among is None else " AND customer_id = ANY(%s::bigint[])")
    cursor = binary_cursor()
    if len(cuts) == 1:
        yield _made(_read(cursor, statement, cuts[0]))
    else:
        yield from map(_made, one_ahead(partial(_read, cursor, statement, cut) for cut in cuts))


def _ranges() -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS)
        low, high, about = cursor.fetchone()
    if low is None:
        return []
    step = max(1, (high - low + 1) // max(1, round((about or 0) / PART)))
    return [[first, min(first + step - 1, high)] for first in range(low, high + 1, step)]


def _cut(among: Ints) -> list[list[Any]]:
    chosen = [among[first : first + PART] for first in range(0, among.size, PART)]
    return [[int(ids[0]), int(ids[-1]), written(ids.tolist())] for ids in chosen]


def _read(cursor: Any, statement: str, values: list[Any]) -> tuple[bytes | None, ...]:
    found: tuple[bytes | None, ...] = cursor.execute(statement, values).fetchone()
    return found


def _made(sent: tuple[bytes | None, ...]) -> Purchases:
    who, days, orders, net = sent
    ids, sizes = np.ascontiguousarray(numbers(who).reshape(-1, 2).T)
    return Purchases(
        customers=ids,
        index=np.repeat(np.arange(sizes.size), sizes),
        day=np.frombuffer(days or b"", dtype=">i4")[1::2] + np.int64(POSTGRES_DAY),  # before each stands its length
        orders=np.frombuffer(orders or b"", dtype=">i4").astype(np.int64),
        net=numbers(net),
    )


def refunds_since(day: date, definition: Definition) -> Refunds:
    """A refund before that day was of an order before it."""
    cursor = binary_cursor()
    share = _ALL if definition.tax_and_shipping else _GOODS
    cursor.execute(_REFUNDS.format(share=share), [day - timedelta(days=2)])
    customer, at, placed, amount = np.ascontiguousarray(numbers(cursor.fetchone()[0]).reshape(-1, 4).T)
    order = np.argsort(customer, kind="stable")
    customer, at, placed, amount = customer[order], at[order], placed[order], amount[order]
    named = placed != _NEVER
    ordered = np.zeros(customer.size, dtype=np.int64)
    ordered[named] = local_days(placed[named], definition.zone)
    return Refunds(customer, local_days(at, definition.zone), ordered, amount)
