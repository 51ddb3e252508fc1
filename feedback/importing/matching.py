"""Whose the answers of a file are, to which survey they belong, and which have been brought before.

`match` fills a temporary table `matched`, one row for a row of the file, for the transaction it runs in.
Verdicts: create, same, or a reason of FOUND_BY_MATCHING.
"""

from dataclasses import asdict
from typing import Any

from django.db import connection

from crm.imports import staging
from crm.imports.columns import Mapping
from crm.imports.whom import CERTAIN, CUSTOMER, FAULT, UNPLACED
from crm.models import Import
from feedback.importing.surveys import Known, known

FOUND_BY_MATCHING = (
    *UNPLACED,
    "no_survey",
    "nameless_survey",
    "no_answer",
    "off_scale",
    "unknown_order",
    "answer_differs",
)
FORGET = "DROP TABLE IF EXISTS pg_temp.matched"
CALLED = "SELECT DISTINCT coalesce(survey, %(survey)s) FROM {staging} WHERE coalesce(survey, %(survey)s) <> ''"

# Told apart by its own number, else by all that it says; of several that say the same, the second is the second again.
WHO = "coalesce(told.external_is, told.card_is, told.email_is, told.phone_is)"
IMPRINT = f"""
    CASE WHEN told.answer IS NOT NULL THEN concat_ws(E'\\x1f', 'answer', told.answer)
         ELSE concat_ws(E'\\x1f', 'said', coalesce({WHO}, ''), extract(epoch FROM told.at)::text,
                        coalesce(told.score::text, ''), coalesce(told.comment, '')) END
"""
FOUND = f"""
    CREATE TEMP TABLE matched ON COMMIT DROP AS
    SELECT told.*, {CUSTOMER} AS customer_id, known.survey AS survey_id, known.version AS version_id,
           coalesce(told.language, known.language) AS spoken, bought.id AS order_id,
           {IMPRINT} AS imprint, NULL::text AS key,
           CASE WHEN known.survey IS NULL THEN 'no_survey'
                WHEN known.nameless THEN 'nameless_survey'
                WHEN told.score IS NULL AND told.comment IS NULL THEN 'no_answer'
                WHEN told.score IS NOT NULL AND (told.score BETWEEN known.lowest AND known.highest) IS NOT TRUE
                THEN 'off_scale'
                WHEN {WHO} IS NOT NULL AND {FAULT} IS NOT NULL THEN {FAULT}
                WHEN told.reference IS NOT NULL AND bought.id IS NULL THEN 'unknown_order'
                ELSE 'create' END AS verdict
      FROM {{staging}} AS told {CERTAIN}
      LEFT JOIN unnest(%(calleds)s::text[], %(surveys)s::bigint[], %(versions)s::bigint[], %(languages)s::text[],
                       %(namelesses)s::boolean[], %(lowests)s::smallint[], %(highests)s::smallint[])
             AS known (called, survey, version, language, nameless, lowest, highest)
             ON known.called = coalesce(told.survey, %(survey)s)
      LEFT JOIN crm_order AS bought ON bought.source = %(source)s AND bought.reference = told.reference
                                   AND bought.customer_id = {CUSTOMER}
"""
KEYS = """
    UPDATE matched SET key = 'import:' || md5(concat_ws(E'\\x1f', %(source)s, counted.survey_id, counted.imprint,
                                                        CASE WHEN counted.answer IS NULL THEN counted.number END))
      FROM (SELECT line, survey_id, imprint, answer,
                   row_number() OVER (PARTITION BY survey_id, imprint ORDER BY line) AS number FROM matched) AS counted
     WHERE counted.line = matched.line
"""
BROUGHT = """
    UPDATE matched SET verdict = CASE WHEN (here.score, here.comment)
                                           IS NOT DISTINCT FROM (matched.score, coalesce(matched.comment, ''))
                                      THEN 'same' ELSE 'answer_differs' END
      FROM feedback_response AS here WHERE here.source = matched.key AND matched.verdict = 'create'
"""
TWICE = """
    UPDATE matched SET verdict = 'same'
      FROM (SELECT line, row_number() OVER (PARTITION BY key ORDER BY line) AS number
              FROM matched WHERE verdict = 'create') AS counted
     WHERE counted.line = matched.line AND counted.number > 1
"""
REJECT = """
    INSERT INTO crm_rejectedrow (import_id, line, "column", reason, cells)
    SELECT %(id)s, line, '', verdict, jsonb_build_array(external, card, email, phone, survey, score, comment, at)
      FROM matched WHERE verdict = ANY(%(reasons)s)
"""


def match(brought: Import, mapping: Mapping, preview: bool) -> dict[str, Any]:
    """Call it inside a transaction. Returns the counts; `matched` stays until the transaction ends."""
    staging.take_time()
    params: dict[str, Any] = {"id": brought.pk, "source": brought.source, "reasons": list(FOUND_BY_MATCHING)}
    params["survey"] = brought.report.get("survey", "")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(FORGET)
        cursor.execute(CALLED.format(staging=brought.staging), params)
        params |= _columns(known([name for (name,) in cursor.fetchall()]))
        cursor.execute(FOUND.format(staging=brought.staging), params)
        cursor.execute("ANALYZE matched (line, survey_id, verdict)")
        cursor.execute(KEYS, params)
        cursor.execute(BROUGHT)
        cursor.execute(TWICE)
        brought.rejected.filter(reason__in=FOUND_BY_MATCHING).delete()
        cursor.execute(REJECT, params)
        return _counts(cursor)


def _columns(found: list[Known]) -> dict[str, list[Any]]:
    rows = [asdict(one) for one in found]
    names = ("called", "survey", "version", "language", "nameless", "lowest", "highest")
    plurals = ("calleds", "surveys", "versions", "languages", "namelesses", "lowests", "highests")
    return {plural: [row[name] for row in rows] for name, plural in zip(names, plurals, strict=True)}


def _counts(cursor: Any) -> dict[str, Any]:
    counts: dict[str, Any] = dict.fromkeys(("create", "change", "same"), 0)
    rejected: dict[str, int] = {}
    cursor.execute("SELECT verdict, count(*) FROM matched GROUP BY 1")
    for verdict, number in cursor.fetchall():
        (rejected if verdict in FOUND_BY_MATCHING else counts)[verdict] = number
    cursor.execute("SELECT count(*) FROM matched WHERE verdict = 'create' AND customer_id IS NOT NULL")
    return {**counts, "matching_rejected": rejected, "named": cursor.fetchone()[0]}
