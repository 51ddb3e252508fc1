"""What two rules make of the same orders, customer by customer, in one statement.

The arithmetic is that of earning.py: exact sums, one floor an order. `div` is the floor of an exact quotient.
Tiers are those of today; imported orders count as if they had been told by the till.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from loyalty.points.days import zone
from loyalty.programme.earning import Terms

NOTHING = Terms(points=Decimal(0), per=Decimal(1))

_ORDERS = """
    bought AS (
        SELECT o.id, o.customer_id, o.refunded, greatest(o.total - o.shipping, 0) AS cap,
               (o.placed_at AT TIME ZONE %(zone)s)::date AS day, c.birthday, s.tier_id,
               NOT EXISTS (SELECT FROM crm_order AS e WHERE e.customer_id = o.customer_id AND e.net > 0
                              AND e.placed_at < o.placed_at) AS is_first
          FROM crm_order AS o
          JOIN crm_customer AS c ON c.id = o.customer_id
          LEFT JOIN loyalty_standing AS s ON s.customer_id = o.customer_id
         WHERE o.customer_id = ANY (%(ids)s) AND o.placed_at >= %(since)s AND o.placed_at < %(until)s
           AND o.paid_at IS NOT NULL AND o.cancelled_at IS NULL),
    weighed AS (
        SELECT line.order_id, sum(line.paid) AS paid,
               sum(line.paid * coalesce(old.factor, 1)) AS old_weight,
               sum(line.paid * coalesce(new.factor, 1)) AS new_weight
          FROM crm_orderline AS line
          LEFT JOIN unnest(%(old_categories)s::text[], %(old_by_category)s::numeric[]) AS old (name, factor)
            ON old.name = line.category
          LEFT JOIN unnest(%(new_categories)s::text[], %(new_by_category)s::numeric[]) AS new (name, factor)
            ON new.name = line.category
         WHERE line.order_id IN (SELECT id FROM bought) AND line.paid > 0
         GROUP BY line.order_id),
    worth AS (
        SELECT b.id, b.customer_id, b.tier_id, b.is_first,
               coalesce(w.paid, b.cap) AS paid,
               coalesce(w.old_weight, b.cap) AS old_weight, coalesce(w.new_weight, b.cap) AS new_weight,
               greatest(least(coalesce(w.paid, b.cap), b.cap) - b.refunded, 0) AS kept,
               coalesce(near.days, 999) AS days
          FROM bought AS b
          LEFT JOIN weighed AS w ON w.order_id = b.id
          LEFT JOIN LATERAL (
               SELECT min(abs((b.birthday + make_interval(years =>
                          (extract(year FROM b.day) - extract(year FROM b.birthday))::integer + step))::date - b.day))
                 FROM generate_series(-1, 1) AS step) AS near (days) ON b.birthday IS NOT NULL),
"""
_POINTS = """
    {rule} AS (
        SELECT o.id,
               CASE WHEN o.kept > 0 AND o.kept >= %({rule}_minimum)s
                    THEN div(o.{rule}_weight * o.kept * coalesce(t.factor, 1)
                             * CASE WHEN o.days <= %({rule}_birthday_days)s THEN %({rule}_birthday)s ELSE 1 END
                             * %({rule}_points)s, o.paid * %({rule}_per)s)
                         + CASE WHEN o.is_first THEN %({rule}_first)s ELSE 0 END
                    ELSE 0 END AS points
          FROM worth AS o
          LEFT JOIN unnest(%({rule}_tiers)s::bigint[], %({rule}_by_tier)s::numeric[]) AS t (id, factor)
            ON t.id = o.tier_id)
"""
_JOINED = f"WITH {_ORDERS} {_POINTS.format(rule='old')}, {_POINTS.format(rule='new')}"
_BY_CUSTOMER = f"""
    {_JOINED}
    SELECT o.customer_id, sum(old.points)::bigint, sum(new.points)::bigint, count(*)
      FROM worth AS o JOIN old ON old.id = o.id JOIN new ON new.id = o.id
     GROUP BY o.customer_id ORDER BY o.customer_id
"""
_BY_ORDER = f"""
    {_JOINED}
    SELECT o.id, old.points::bigint, new.points::bigint
      FROM worth AS o JOIN old ON old.id = o.id JOIN new ON new.id = o.id
"""


@dataclass(frozen=True)
class Compared:
    customer: int
    before: int
    after: int
    orders: int


def by_customer(
    ids: Sequence[int], old: Terms | None, new: Terms | None, since: datetime, until: datetime
) -> list[Compared]:
    """Those of these who bought between two moments. None: no points at all."""
    return [Compared(*row) for row in _rows(_BY_CUSTOMER, ids, old, new, since, until)]


def by_order(
    ids: Sequence[int], old: Terms | None, new: Terms | None, since: datetime, until: datetime
) -> dict[int, tuple[int, int]]:
    return {pk: (before, after) for pk, before, after in _rows(_BY_ORDER, ids, old, new, since, until)}


def _rows(statement: str, ids: Sequence[int], old: Any, new: Any, since: datetime, until: datetime) -> list[Any]:
    values: dict[str, Any] = {"ids": list(ids), "since": since, "until": until, "zone": zone().key}
    with connection.cursor() as cursor:
        cursor.execute(statement, values | _values("old", old) | _values("new", new))
        return cursor.fetchall()


def _values(rule: str, terms: Terms | None) -> dict[str, Any]:
    terms = terms or NOTHING
    return {
        f"{rule}_points": terms.points,
        f"{rule}_per": terms.per,
        f"{rule}_minimum": terms.minimum,
        f"{rule}_first": terms.first_order,
        f"{rule}_birthday": terms.birthday_factor,
        f"{rule}_birthday_days": terms.birthday_days,
        f"{rule}_categories": list(terms.categories),
        f"{rule}_by_category": list(terms.categories.values()),
        f"{rule}_tiers": list(terms.tiers),
        f"{rule}_by_tier": list(terms.tiers.values()),
    }
