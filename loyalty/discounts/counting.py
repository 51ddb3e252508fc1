"""How many of a segment would get a discount, how many are left out and why: counted where they are, set by set.

The same as loyalty.discounts.candidates, which names each of them; of a million that takes its time, and a page that is
only looked at needs the sums and some thousand of them.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from crm.models import Customer
from crm.segments.sampling import HASHES, MOST, bound
from loyalty.discounts import limits
from loyalty.discounts.candidates import REASONS

_SORTED = """
    SELECT wanted.id, drawn.id IS NULL AS new,
           CASE WHEN has_it.customer_id IS NOT NULL THEN 'has_it'
                WHEN drawn.held_back THEN 'held_back_before'
                WHEN complainer.customer_id IS NOT NULL THEN 'complaint_open'
                WHEN %s::numeric IS NOT NULL AND %s + coalesce(had.worth, 0) > %s THEN 'customer_limit'
                ELSE '' END AS why
      FROM (WANTED) AS wanted (id)
      LEFT JOIN (SELECT DISTINCT customer_id FROM loyalty_grant
                  WHERE discount_id = %s AND withdrawn_at IS NULL AND (expires_at IS NULL OR expires_at > %s)
                    AND (uses IS NULL OR taken < uses)) AS has_it ON has_it.customer_id = wanted.id
      LEFT JOIN loyalty_drawn AS drawn ON drawn.customer_id = wanted.id AND drawn.discount_id = %s
      LEFT JOIN (SELECT DISTINCT customer_id FROM crm_complaint
                  WHERE %s AND closed_at IS NULL) AS complainer ON complainer.customer_id = wanted.id
      LEFT JOIN (SELECT customer_id, sum(worth) AS worth FROM loyalty_grant
                  WHERE %s::numeric IS NOT NULL AND issued_by_id IS NOT NULL AND withdrawn_at IS NULL
                    AND created_at >= %s GROUP BY 1) AS had ON had.customer_id = wanted.id
"""
_COUNT = f"SELECT why, count(*), count(*) FILTER (WHERE new) FROM ({_SORTED}) AS sorted GROUP BY 1"
# Some of them by the hash of their number: the same ones each time the page is drawn, so that figures stand still.
_SOME = f"""
    SELECT id FROM ({_SORTED}) AS sorted WHERE hashint8(id) & {HASHES - 1} < %s AND why = ''
     ORDER BY hashint8(id) & {HASHES - 1}, id LIMIT %s
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
    wanted, params = customers.order_by().values("pk").query.sql_with_params()
    values: list[Any] = [limit, worth, limit, discount, now, discount, not complainers_too, limit]
    values.append(now - timedelta(days=limits.CUSTOMER_DAYS))
    given = [*values[:3], *params, *values[3:]]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.replace("WANTED", wanted), given)
        counts = {why: (n, new) for why, n, new in cursor.fetchall()}
        fit, new = counts.get("", (0, 0))
        cursor.execute(_SOME.replace("WANTED", wanted), [*given, bound(fit, MOST), MOST])
        sample = [pk for (pk,) in cursor.fetchall()]
    left_out = {why: counts[why][0] for why in REASONS if why in counts}
    return Counted(sum(n for n, _new in counts.values()), left_out, fit, new, sample)
