"""Whose balance each row of a file tells, and which have been brought before.

`match` fills a temporary table `matched`, one row for a row of the file, for the transaction it runs in.
Verdicts: change, same, or a reason of FOUND_BY_MATCHING.
"""

from typing import Any

from django.db import connection
from django.utils import timezone

from crm.imports import staging
from crm.imports.columns import Mapping
from crm.imports.whom import CERTAIN, CUSTOMER, FAULT, UNPLACED
from crm.models import Import
from loyalty.points import opening
from loyalty.points.days import local_day

FOUND_BY_MATCHING = (*UNPLACED, "points_over", "twice", "brought_before")
SAMPLES = 20

FORGET = "DROP TABLE IF EXISTS pg_temp.matched"
FOUND = f"""
    CREATE TEMP TABLE matched ON COMMIT DROP AS
    SELECT told.*, {CUSTOMER} AS customer_id,
           coalesce({FAULT}, CASE WHEN expires_on < greatest(available_on, %(today)s) THEN 'points_over'
                                  ELSE 'change' END) AS verdict
      FROM {{staging}} AS told {CERTAIN}
"""
TWICE = """
    UPDATE matched SET verdict = 'twice'
      FROM (SELECT line, row_number() OVER (PARTITION BY customer_id ORDER BY line) AS number
              FROM matched WHERE verdict = 'change') AS counted
     WHERE counted.line = matched.line AND counted.number > 1
"""
# Also on a card that has gone into this one.
BROUGHT = f"""
    UPDATE matched SET verdict = CASE WHEN matched.points = ANY (here.points) THEN 'same' ELSE 'brought_before' END
      FROM (SELECT told.line, array_agg(entry.points) AS points FROM matched AS told,
           LATERAL (SELECT told.customer_id AS id
                     UNION ALL SELECT id FROM crm_customer WHERE merged_into_id = told.customer_id) AS card
              JOIN loyalty_account AS account ON account.customer_id = card.id
              JOIN loyalty_entry AS entry ON entry.account_id = account.id AND {opening.STANDS}
             WHERE told.verdict = 'change' GROUP BY told.line) AS here
     WHERE here.line = matched.line
"""
REJECT = """
    INSERT INTO crm_rejectedrow (import_id, line, "column", reason, cells)
    SELECT %(id)s, line, '', verdict, jsonb_build_array(external, card, email, phone, points)
      FROM matched WHERE verdict = ANY(%(reasons)s)
"""
TOTAL = "SELECT coalesce(sum(points), 0) FROM matched WHERE verdict = 'change'"
FIRST = f"""
    SELECT card.name, matched.external, matched.card, matched.email, matched.phone,
           coalesce(account.available + account.pending, 0), matched.points,
           matched.available_on, matched.expires_on
      FROM (SELECT * FROM matched WHERE verdict = 'change' ORDER BY line LIMIT {SAMPLES}) AS matched
      JOIN crm_customer AS card ON card.id = matched.customer_id
      LEFT JOIN loyalty_account AS account ON account.customer_id = card.id
     ORDER BY line
"""


def match(brought: Import, mapping: Mapping, preview: bool) -> dict[str, Any]:
    """Call it inside a transaction. Returns the counts; `matched` stays until the transaction ends."""
    staging.take_time()
    params: dict[str, Any] = {"id": brought.pk, "source": brought.source, "reasons": list(FOUND_BY_MATCHING)}
    params |= {"today": local_day(timezone.now()), "prefix": opening.prefix(brought.source)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(FORGET)
        cursor.execute(FOUND.format(staging=brought.staging), params)
        cursor.execute("ANALYZE matched (line, customer_id, verdict)")
        cursor.execute(TWICE)
        cursor.execute(BROUGHT, params)
        brought.rejected.filter(reason__in=FOUND_BY_MATCHING).delete()
        cursor.execute(REJECT, params)
        counts = _counts(cursor)
        return counts | {"samples": _samples(cursor)} if preview else counts


def _counts(cursor: Any) -> dict[str, Any]:
    counts: dict[str, Any] = dict.fromkeys(("create", "change", "same"), 0)
    rejected: dict[str, int] = {}
    cursor.execute("SELECT verdict, count(*) FROM matched GROUP BY 1")
    for verdict, number in cursor.fetchall():
        (rejected if verdict in FOUND_BY_MATCHING else counts)[verdict] = number
    cursor.execute(TOTAL)
    return {**counts, "matching_rejected": rejected, "points": int(cursor.fetchone()[0])}


def _samples(cursor: Any) -> list[dict[str, Any]]:
    cursor.execute(FIRST)
    return [
        {
            "who": name or next(filter(None, marks), ""),
            "points": [before, before + points],
            "from": begins and begins.isoformat(),
            "until": until and until.isoformat(),
        }
        for name, *marks, before, points, begins, until in cursor.fetchall()
    ]
