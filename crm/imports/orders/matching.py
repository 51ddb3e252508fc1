"""What the rows of an import would change: each order and refund of the file beside what is already here.

`match` fills a temporary table `matched` (one row per order or refund) for the transaction it runs in; the preview
reads it, applying reads it again. Verdicts: create, change, same, or a reason of FOUND_BY_MATCHING.
"""

from typing import Any

from django.db import connection

from crm.imports import staging
from crm.imports.columns import Mapping
from crm.models import Import

FOUND_BY_MATCHING = (
    "incomplete",
    "two_customers",
    "two_amounts",
    "two_kinds",
    "other_customer",
    "below_refunded",
    "over_refunded",
)
SAMPLES = 20
COUNTED = [f"{what}_{how}" for what in ("orders", "refunds") for how in ("create", "change", "same")]

# A transaction around this one may have matched before.
FORGET = """
    DROP TABLE IF EXISTS pg_temp.matched, pg_temp.target, pg_temp.newcomer, pg_temp.line, pg_temp.relined
"""

# One row per order: rows that share an order number are its lines. With an amount per line the order's amount
# stands in every row; without, each row's amount is its line's, and the order's is their sum.
GROUPED = """
    SELECT reference, refund, min(line) AS line, min(customer) AS customer,
           min(placed_at) AS placed_at, {amount} AS amount, {refund_of} AS refund_of, {country} AS country,
           CASE WHEN min(customer) <> max(customer) THEN 'two_customers'
                WHEN {amounts_differ} THEN 'two_amounts' END AS fault
      FROM {staging}
     GROUP BY 1, 2
"""

MATCHED = """
    CREATE TEMP TABLE matched ON COMMIT DROP AS
    WITH told AS ({grouped}),
         signed AS (SELECT told.*, refund OR amount < 0 AS gives_back FROM told)
    SELECT signed.line, signed.refund, signed.reference, signed.customer, signed.placed_at,
           abs(signed.amount) AS amount, signed.refund_of, signed.country, signed.gives_back,
           coalesce(holder.merged_into_id, holder.id) AS customer_id,
           coalesce(here.id, refund.id) AS known_id,
           coalesce(here.total, refund.amount) AS amount_before,
           coalesce(here.placed_at, refund.at) AS at_before,
           CASE WHEN fault IS NOT NULL THEN fault
                WHEN here.id IS NULL AND refund.id IS NULL THEN 'create'
                WHEN coalesce(here.customer_id, refund.customer_id)
                     IS DISTINCT FROM coalesce(holder.merged_into_id, holder.id) THEN 'other_customer'
                WHEN coalesce(here.total, refund.amount) <> abs(signed.amount)
                     OR coalesce(here.placed_at, refund.at) <> signed.placed_at THEN 'change'
                ELSE 'same' END AS verdict
      FROM signed
      LEFT JOIN crm_identifier AS known ON known.kind = 'external' AND known.source = %(source)s
                                       AND known.normalised = signed.customer
      LEFT JOIN crm_customer AS holder ON holder.id = known.customer_id
      LEFT JOIN crm_order AS here ON NOT signed.gives_back AND here.source = %(source)s
                                 AND here.reference = signed.reference
      LEFT JOIN crm_refund AS refund ON signed.gives_back AND refund.source = %(source)s
                                    AND refund.reference = signed.reference
"""

# Most rows are new orders, or here already; all other statements look for the few that are not.
ODD_ONES = """
    CREATE INDEX ON matched (verdict) WHERE gives_back OR verdict NOT IN ('create', 'same')
"""

# The order a refund belongs to, here already or in the same file (then it has no id yet).
TARGETS = """
    CREATE TEMP TABLE target ON COMMIT DROP AS
    SELECT wanted.reference, coalesce(told.known_id, here.id) AS order_id,
           coalesce(told.customer, '') AS customer, here.customer_id,
           CASE WHEN told.verdict IN ('create', 'change', 'same') THEN told.amount ELSE here.total END AS total
      FROM (SELECT DISTINCT refund_of AS reference FROM matched WHERE gives_back AND refund_of IS NOT NULL) AS wanted
      LEFT JOIN matched AS told ON NOT told.gives_back AND told.reference = wanted.reference
                               AND told.verdict IN ('create', 'change', 'same')
      LEFT JOIN crm_order AS here ON here.source = %(source)s AND here.reference = wanted.reference
     WHERE told.reference IS NOT NULL OR here.id IS NOT NULL
"""

# The same refund told as a refund and as an order of less than nothing.
TWO_KINDS = """
    UPDATE matched SET verdict = 'two_kinds'
     WHERE gives_back AND reference IN (
           SELECT reference FROM matched WHERE gives_back GROUP BY reference HAVING count(*) > 1)
"""

# A refund that was here before its order finds it now.
FOUND_ITS_ORDER = """
    UPDATE matched SET verdict = 'change'
      FROM target, crm_refund AS refund
     WHERE matched.gives_back AND matched.verdict = 'same' AND target.reference = matched.refund_of
       AND refund.id = matched.known_id
       AND (target.order_id IS NULL OR refund.order_id IS DISTINCT FROM target.order_id)
"""

# A refund whose order is in other hands, or that gives back more than the order has left.
OVER_REFUNDED = """
    UPDATE matched SET verdict = judged.verdict
      FROM (SELECT refund.line,
                   CASE WHEN target.customer_id <> refund.customer_id
                          OR target.customer_id IS NULL AND target.customer <> refund.customer THEN 'other_customer'
                        WHEN coalesce(others.amount, 0)
                             + sum(refund.amount) OVER (PARTITION BY target.reference ORDER BY refund.line)
                             > target.total THEN 'over_refunded' END AS verdict
              FROM matched AS refund
              JOIN target ON target.reference = refund.refund_of
              LEFT JOIN LATERAL (
                   SELECT sum(r.amount) AS amount FROM crm_refund AS r
                    WHERE r.order_id = target.order_id
                      AND NOT EXISTS (SELECT FROM matched AS m WHERE m.gives_back AND m.known_id = r.id)
              ) AS others ON true
             WHERE refund.gives_back AND refund.verdict IN ('create', 'change', 'same')) AS judged
     WHERE matched.gives_back AND matched.line = judged.line AND judged.verdict IS NOT NULL
"""

# An order whose new amount is less than what is refunded of it.
BELOW_REFUNDED = """
    UPDATE matched SET verdict = 'below_refunded'
      FROM crm_order AS here
     WHERE NOT matched.gives_back AND matched.verdict = 'change' AND here.id = matched.known_id AND here.refunded > 0
       AND matched.amount < (
           SELECT sum(CASE WHEN m.verdict IN ('same', 'change') THEN m.amount ELSE r.amount END)
             FROM crm_refund AS r LEFT JOIN matched AS m ON m.gives_back AND m.known_id = r.id
            WHERE r.order_id = here.id)
"""

# An order of which a row cannot be read waits for that row: without it its amount and its lines would be wrong.
INCOMPLETE = r"""
    UPDATE matched SET verdict = 'incomplete' FROM (
           SELECT DISTINCT normalize(regexp_replace(cells ->> %(order_at)s, '^\s+|\s+$', '', 'g'), NFKC) AS reference
             FROM crm_rejectedrow WHERE import_id = %(id)s) AS bad
     WHERE matched.reference = bad.reference AND verdict IN ('create', 'change', 'same')
"""

# Every row of the order, so that the file of the rejected ones can be put right and imported.
REJECT = """
    INSERT INTO crm_rejectedrow (import_id, line, "column", reason, cells)
    SELECT %(id)s, told.line, '', verdict, jsonb_build_array(told.customer, told.reference, told.placed_at, told.amount)
      FROM matched JOIN {staging} AS told ON told.reference = matched.reference AND told.refund = matched.refund
     WHERE verdict = ANY(%(reasons)s)
"""
REASONS = (
    "SELECT reason, count(*) FROM crm_rejectedrow WHERE import_id = %(id)s AND reason = ANY(%(reasons)s) GROUP BY 1"
)

ASKED = "line, reference, customer, customer_id, known_id, refund_of, gives_back, verdict"  # by the statements above
COUNTS = """
    SELECT gives_back, verdict, count(*) FROM matched GROUP BY 1, 2
"""
NEWCOMERS = "SELECT count(DISTINCT customer) FROM matched WHERE customer_id IS NULL AND verdict = 'create'"
CHANGES = f"""
    SELECT gives_back, reference, amount_before, amount, at_before, placed_at
      FROM matched WHERE verdict = 'change' ORDER BY line LIMIT {SAMPLES}
"""


def match(order_import: Import, mapping: Mapping, preview: bool) -> dict[str, Any]:
    """Call it inside a transaction. Returns the counts; `matched` stays until the transaction ends."""
    staging.take_time()
    params: dict[str, Any] = {"id": order_import.pk, "source": order_import.source, "reasons": list(FOUND_BY_MATCHING)}
    with connection.cursor() as cursor:
        _steer(cursor)
        cursor.execute(FORGET)
        cursor.execute(MATCHED.format(grouped=_grouped(order_import, mapping)), params)
        cursor.execute(ODD_ONES)
        cursor.execute(f"ANALYZE matched ({ASKED})")
        order_import.rejected.filter(reason__in=FOUND_BY_MATCHING).delete()
        if order_import.report.get("rejected"):
            cursor.execute(INCOMPLETE, params | {"order_at": mapping.index_of("order_id")})
        cursor.execute(TWO_KINDS)
        if "refund_of" in mapping.columns:
            cursor.execute(TARGETS, params)
            cursor.execute(FOUND_ITS_ORDER)
            cursor.execute(OVER_REFUNDED)
        cursor.execute(BELOW_REFUNDED)
        counts = _counts(cursor, preview)
        if any(counts["matching_rejected"].values()):
            cursor.execute(REJECT.format(staging=order_import.staging), params)
            cursor.execute(REASONS, params)
            counts["matching_rejected"] = dict(cursor.fetchall())
        return counts


def _steer(cursor) -> None:
    """Enough memory to match by hash, for this transaction."""
    cursor.execute("SET LOCAL work_mem = '128MB'")
    cursor.execute("SET LOCAL jit = off")


def _grouped(order_import: Import, mapping: Mapping) -> str:
    by_line = "line_amount" in mapping.columns
    return GROUPED.format(
        staging=order_import.staging,
        amount="max(amount)" if by_line else "sum(amount)",
        amounts_differ="min(amount) <> max(amount)" if by_line else "false",
        **{name: f"min({name})" if name in mapping.columns else "NULL" for name in ("refund_of", "country")},
    )


def _counts(cursor, preview: bool) -> dict[str, Any]:
    counts: dict[str, Any] = {
        f"{what}_{how}": 0 for what in ("orders", "refunds") for how in ("create", "change", "same")
    }
    rejected: dict[str, int] = {}
    cursor.execute(COUNTS)
    for gives_back, verdict, number in cursor.fetchall():
        if verdict in FOUND_BY_MATCHING:
            rejected[verdict] = rejected.get(verdict, 0) + number
        else:
            counts[f"{'refunds' if gives_back else 'orders'}_{verdict}"] = number
    for how in ("create", "change", "same"):
        counts[how] = counts[f"orders_{how}"] + counts[f"refunds_{how}"]
    if preview:
        cursor.execute(NEWCOMERS)
        counts["customers_create"] = cursor.fetchone()[0]
    cursor.execute(CHANGES)
    names = ("refund", "reference", "amount_before", "amount", "at_before", "at")
    counts["samples"] = [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]
    return {**counts, "matching_rejected": rejected}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | str | type(None)) else getattr(value, "isoformat", lambda: str(value))()
