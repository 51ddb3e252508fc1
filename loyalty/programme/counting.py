"""What counts towards a tier: money, orders or points of many customers in their windows, in one statement."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection

from crm.revenue import column
from loyalty.models.tier import TierScheme
from loyalty.points.days import zone
from loyalty.programme.windows import Span

Metric = TierScheme.Metric

_ASKED = "unnest(%(ids)s::bigint[], %(begin)s::timestamptz[], %(end)s::timestamptz[]) AS asked (id, begins, ends)"
_ORDERS = """
    SELECT asked.id, coalesce({what}, 0)
      FROM {asked}
      LEFT JOIN crm_order AS o ON o.customer_id = asked.id AND o.placed_at >= asked.begins AND o.placed_at < asked.ends
           AND o.cancelled_at IS NULL AND o.paid_at IS NOT NULL
     GROUP BY asked.id
"""
_LOOSE = """
    SELECT asked.id, sum(r.amount)
      FROM {asked}
      JOIN crm_refund AS r ON r.customer_id = asked.id AND r.at >= asked.begins AND r.at < asked.ends
           AND r.order_id IS NULL
     GROUP BY asked.id
"""
_POINTS = """
    SELECT asked.id, coalesce(sum(e.points), 0)
      FROM {asked}
      LEFT JOIN loyalty_account AS a ON a.customer_id = asked.id
      LEFT JOIN loyalty_entry AS e ON e.account_id = a.id AND e.kind IN ('earn', 'bonus', 'reverse')
           AND e.effective_at >= asked.begins AND e.effective_at < asked.ends
     GROUP BY asked.id
"""
_JOINED = """
    SELECT c.id, coalesce((SELECT o.placed_at FROM crm_order AS o
                            WHERE o.customer_id = c.id AND o.cancelled_at IS NULL AND o.paid_at IS NOT NULL
                            ORDER BY o.placed_at LIMIT 1), c.created_at)
      FROM crm_customer AS c WHERE c.id = ANY (%s)
"""
_LAST = """
    SELECT asked.id, (SELECT o.placed_at FROM crm_order AS o
                       WHERE o.customer_id = asked.id AND o.cancelled_at IS NULL AND o.paid_at IS NOT NULL
                         AND o.net > 0 AND o.placed_at < edge
                       ORDER BY o.placed_at DESC LIMIT 1)
      FROM unnest(%s::bigint[]) AS asked (id), (SELECT %s::timestamptz) AS day (edge)
"""
WHAT = {Metric.SPEND: "sum(o.{column})", Metric.ORDERS: "count(o.id) FILTER (WHERE o.net > 0)"}


def counted(metric: str, spans: Mapping[int, Span]) -> dict[int, Decimal]:
    """By customer, in their window. Money that went back without an order counts on its own day."""
    if not spans:
        return {}
    here = zone()
    asked: dict[str, list[object]] = {
        "ids": list(spans),
        "begin": [midnight(first, here) for first, _last in spans.values()],
        "end": [midnight(last + timedelta(days=1), here) for _first, last in spans.values()],
    }
    if metric == Metric.POINTS:
        return _read(_POINTS, asked)
    what = WHAT[Metric(metric)].replace("{column}", column())
    sums = _read(_ORDERS.replace("{what}", what), asked)
    if metric == Metric.SPEND:
        for customer, amount in _read(_LOOSE, asked).items():
            sums[customer] -= amount
    return sums


def last_bought(ids: list[int], day: date) -> dict[int, date]:
    """The day of the newest order that is kept, up to a day; who has none is left out."""
    here = zone()
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [ids, midnight(day + timedelta(days=1), here)])
        return {pk: at.astimezone(here).date() for pk, at in cursor.fetchall() if at}


def joined(ids: list[int]) -> dict[int, date]:
    """The day of the first order, or on which the card was made."""
    here = zone()
    with connection.cursor() as cursor:
        cursor.execute(_JOINED, [ids])
        return {pk: at.astimezone(here).date() for pk, at in cursor.fetchall()}


def _read(statement: str, asked: dict[str, list[object]]) -> dict[int, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{asked}", _ASKED), asked)
        return {pk: Decimal(value) for pk, value in cursor.fetchall()}


def midnight(day: date, here: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=here)
