"""How many of a segment would get a discount, how many are left out and why: counted where they are, set by set.

The same as loyalty.discounts.candidates, which names each of them; of a million that takes its time, and a page that is
only looked at needs the sums and some thousand of them.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from crm.models import Customer
from loyalty.discounts import limits
from loyalty.discounts.candidates import REASONS

SAMPLE = 5000

# Some of them by the hash of their number: the same ones each time the page is drawn, so that figures stand still.
_COUNT = """
WITH wanted AS (SELECT id FROM (WANTED) AS meant (id)),
sorted AS MATERIALIZED (
    SELECT wanted.id, drawn.id IS NULL AS new,
           CASE WHEN has_it.customer_id IS NOT NULL THEN 'has_it'
                WHEN drawn.held_back THEN 'held_back_before'
                WHEN complainer.customer_id IS NOT NULL THEN 'complaint_open'
                WHEN %s::numeric IS NOT NULL AND %s + coalesce(had.worth, 0) > %s THEN 'customer_limit'
                ELSE '' END AS why
      FROM wanted
      LEFT JOIN (SELECT DISTINCT customer_id FROM loyalty_grant
                  WHERE discount_id = %s AND withdrawn_at IS NULL AND (expires_at IS NULL OR expires_at > %s)
                    AND (uses IS NULL OR taken < uses)) AS has_it ON has_it.customer_id = wanted.id
      LEFT JOIN loyalty_drawn AS drawn ON drawn.customer_id = wanted.id AND drawn.discount_id = %s
      LEFT JOIN (SELECT DISTINCT customer_id FROM crm_complaint
                  WHERE %s AND closed_at IS NULL) AS complainer ON complainer.customer_id = wanted.id
      LEFT JOIN (SELECT customer_id, sum(worth) AS worth FROM loyalty_grant
                  WHERE %s::numeric IS NOT NULL AND issued_by_id IS NOT NULL AND withdrawn_at IS NULL
                    AND created_at >= %s GROUP BY 1) AS had ON had.customer_id = wanted.id
)
SELECT ARRAY (SELECT id FROM sorted WHERE why = '' ORDER BY hashint8(id), id LIMIT %s),
       (SELECT jsonb_agg(counts)::text
          FROM (SELECT why, count(*) AS n, count(*) FILTER (WHERE new) AS new FROM sorted GROUP BY 1) AS counts)
"""


@dataclass(frozen=True)
class Counted:
    """`fit`: how many would get it or be drawn; `new`: of them, those never drawn before; `sample`: some of them."""

    picked: int
    left_out: dict[str, int]
    fit: int
    new: int
    sample: list[int]


def count(
    customers: QuerySet[Customer], discount: int, *, worth: Decimal, limit: Decimal | None, complainers_too: bool
) -> Counted:
    now = timezone.now()
    wanted, given = customers.order_by().values("pk").query.sql_with_params()
    values: list[Any] = [limit, worth, limit, discount, now, discount, not complainers_too, limit]
    values += [now - timedelta(days=limits.CUSTOMER_DAYS), SAMPLE]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.replace("WANTED", wanted), [*given, *values])
        sample, told = cursor.fetchone()
    counts = {row["why"]: row for row in json.loads(told or "[]")}
    left_out = {why: counts[why]["n"] for why in REASONS if why in counts}
    fit = counts.get("", {"n": 0, "new": 0})
    return Counted(sum(row["n"] for row in counts.values()), left_out, fit["n"], fit["new"], sample)
