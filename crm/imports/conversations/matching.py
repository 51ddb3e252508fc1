"""Whom the rows of a file of conversations mean, and which of them are here already.

`match` fills a temporary table `matched`, one row for a row of the file, for the transaction it runs in.
Verdicts: create, same, or a reason of FOUND_BY_MATCHING.
"""

from typing import Any

from django.db import connection

from crm.imports import staging
from crm.imports.columns import Mapping
from crm.imports.whom import CERTAIN, CUSTOMER, FAULT, UNPLACED
from crm.models import Import

FOUND_BY_MATCHING = UNPLACED

FORGET = "DROP TABLE IF EXISTS pg_temp.matched"

# By its strongest mark a conversation is told apart from others, whatever card it stands on later.
IMPRINT = """
    md5(concat_ws(E'\\x1f', %(source)s,
        coalesce('external ' || told.external_is, 'card ' || told.card_is, 'email ' || told.email_is,
                 'phone ' || told.phone_is),
        extract(epoch FROM told.at)::text, told.kind, told.body))::uuid
"""
FOUND = f"""
    CREATE TEMP TABLE matched ON COMMIT DROP AS
    SELECT told.*, {CUSTOMER} AS customer_id, {IMPRINT} AS imprint, coalesce({FAULT}, 'create') AS verdict
      FROM {{staging}} AS told {CERTAIN}
"""
SAME = """
    UPDATE matched SET verdict = 'same' WHERE verdict = 'create'
       AND EXISTS (SELECT FROM crm_note WHERE crm_note.imprint = matched.imprint)
"""
TWICE = """
    UPDATE matched SET verdict = 'same'
      FROM (SELECT line, row_number() OVER (PARTITION BY imprint ORDER BY line) AS number
              FROM matched WHERE verdict = 'create') AS counted
     WHERE counted.line = matched.line AND counted.number > 1
"""
REJECT = """
    INSERT INTO crm_rejectedrow (import_id, line, "column", reason, cells)
    SELECT %(id)s, line, '', verdict, jsonb_build_array(external, card, email, phone, kind, at, body)
      FROM matched WHERE verdict = ANY(%(reasons)s)
"""


def match(brought: Import, mapping: Mapping, preview: bool) -> dict[str, Any]:
    """Call it inside a transaction. Returns the counts; `matched` stays until the transaction ends."""
    staging.take_time()
    params: dict[str, Any] = {"id": brought.pk, "source": brought.source, "reasons": list(FOUND_BY_MATCHING)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(FORGET)
        cursor.execute(FOUND.format(staging=brought.staging), params)
        cursor.execute("ANALYZE matched")
        cursor.execute(SAME)
        cursor.execute(TWICE)
        brought.rejected.filter(reason__in=FOUND_BY_MATCHING).delete()
        cursor.execute(REJECT, params)
        return _counts(cursor)


def _counts(cursor: Any) -> dict[str, Any]:
    counts: dict[str, Any] = dict.fromkeys(("create", "change", "same"), 0)
    rejected: dict[str, int] = {}
    cursor.execute("SELECT verdict, count(*) FROM matched GROUP BY 1")
    for verdict, number in cursor.fetchall():
        (rejected if verdict in FOUND_BY_MATCHING else counts)[verdict] = number
    cursor.execute("SELECT count(DISTINCT customer_id) FROM matched WHERE verdict = 'create'")
    return {**counts, "matching_rejected": rejected, "cards": cursor.fetchone()[0]}
