"""Who went from one group of RFM to another: kept from full run to full run, set by set."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from analytics.definition import Definition
from analytics.metrics import rfm
from analytics.models import Generation, RfmPeriod
from analytics.purchases.reading import Purchases, all_purchases
from analytics.purchases.summary import summarise
from analytics.scoring.learning import recent_from

Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

# Before the first run nobody kept a group; on these days before it, it is worked out backwards.
BACK = (90, 60, 30, 21, 14, 7)
NOBODY_YET = -1

# Whose group is another than the open period says, once: a few of many, from whom the rest follows.
_DIFFERS = """
    DROP TABLE IF EXISTS pg_temp.rfm_differs;
    CREATE TEMPORARY TABLE rfm_differs ON COMMIT DROP AS
    SELECT scores.customer_id, scores.rfm
      FROM analytics_scores AS scores
      LEFT JOIN analytics_rfmperiod AS period ON period.customer_id = scores.customer_id AND period.ended_on IS NULL
     WHERE period."group" IS DISTINCT FROM scores.rfm
"""
# A second run on one day: who is back in the group of the morning never left it, ...
_TAKE_BACK = """
    WITH taken_back AS (
        DELETE FROM analytics_rfmperiod AS period USING rfm_differs AS scores
         WHERE scores.customer_id = period.customer_id AND period.ended_on IS NULL
           AND period.began_on = %(day)s AND period.left_behind = scores.rfm
        RETURNING period.customer_id
    )
    UPDATE analytics_rfmperiod AS period SET ended_on = NULL FROM taken_back
     WHERE period.customer_id = taken_back.customer_id AND period.ended_on = %(day)s
"""
# ... and who is in a third one went there straight.
_CORRECT = """
    UPDATE analytics_rfmperiod AS period SET "group" = scores.rfm FROM rfm_differs AS scores
     WHERE scores.customer_id = period.customer_id AND period.ended_on IS NULL
       AND period.began_on = %(day)s AND period."group" <> scores.rfm
"""
_END = """
    UPDATE analytics_rfmperiod AS period SET ended_on = %(day)s FROM rfm_differs AS scores
     WHERE scores.customer_id = period.customer_id AND period.ended_on IS NULL AND period."group" <> scores.rfm
"""
_BEGIN = """
    INSERT INTO analytics_rfmperiod (customer_id, "group", left_behind, began_on)
    SELECT scores.customer_id, scores.rfm, coalesce(ended."group", ''), %(day)s
      FROM rfm_differs AS scores
      LEFT JOIN analytics_rfmperiod AS period ON period.customer_id = scores.customer_id AND period.ended_on IS NULL
      LEFT JOIN analytics_rfmperiod AS ended ON ended.customer_id = scores.customer_id AND ended.ended_on = %(day)s
     WHERE period.id IS NULL
     ORDER BY scores.customer_id
"""
_BACKWARDS = """
    INSERT INTO analytics_rfmperiod (customer_id, "group", left_behind, began_on, ended_on)
    SELECT customer, names[now], coalesce(names[nullif(before, 0)], ''), began, ended
      FROM unnest(%(customer)s::bigint[], %(now)s::smallint[], %(before)s::smallint[], %(began)s::date[],
                  %(ended)s::date[]) AS period (customer, now, before, began, ended),
           (SELECT %(names)s::text[]) AS groups (names)
     WHERE EXISTS (SELECT FROM crm_customer WHERE id = customer)
"""


# Of a million customers the work between two statements takes longer than a page may.
_NO_HURRY = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
AT_ONCE = 50_000  # periods written in one statement


@transaction.atomic
def record(generation: Generation) -> None:
    """Close and open periods by the figures of this run. A run for a day gone by changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_NO_HURRY)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('analytics.rfm_moves'))")
        newest = RfmPeriod.objects.order_by("-began_on").values_list("began_on", flat=True).first()
        if newest is None:
            _work_out_backwards(cursor, generation)
        elif newest > generation.as_of:
            return
        for statement in (_DIFFERS, _TAKE_BACK, _CORRECT, _END, _BEGIN):
            cursor.execute(statement, {"day": generation.as_of})


def _work_out_backwards(cursor: Any, generation: Generation) -> None:
    definition = Definition.from_dict(generation.settings)
    purchases = all_purchases(definition)
    days = [generation.as_of - timedelta(days=back) for back in BACK]
    groups = np.stack([_groups_on(purchases, day, definition.rfm_months) for day in days])
    who, when = np.nonzero(_changed(groups).T)  # customer by customer, each from the first day on
    until = np.where(np.diff(who, append=-1) == 0, np.roll(when, -1), len(days))
    before = _before(groups)
    for first in range(0, who.size, AT_ONCE):
        part = slice(first, first + AT_ONCE)
        cursor.execute(
            _BACKWARDS,
            {
                "customer": purchases.customers[who[part]].tolist(),
                "now": (groups[when[part], who[part]] + 1).tolist(),
                "before": (before[when[part], who[part]] + 1).tolist(),
                "began": [days[day] for day in when[part]],
                "ended": [[*days, None][day] for day in until[part]],
                "names": list(rfm.NAMES),
            },
        )


def _groups_on(purchases: Purchases, day: date, months: int) -> Codes:
    """Index into rfm.NAMES for everybody as it would have been told on that day; NOBODY_YET before the first order."""
    on = day.toordinal()
    here = np.zeros(len(purchases), dtype=bool)
    here[purchases.index[purchases.day < on]] = True
    found = np.full(len(purchases), NOBODY_YET, dtype=np.int8)
    if here.any():
        customers = summarise(_until(purchases, on, here), recent_from(on, months))
        silent = on - customers.last
        borders = rfm.Borders.of(silent, customers.recent_net / 1000)
        found[here] = rfm.names(borders.recency(silent), rfm.frequency(customers.recent_orders))
    return found


def _until(purchases: Purchases, on: int, here: Any) -> Purchases:
    """What was bought and given back before that day, of those who had bought by then."""
    number, bought = np.cumsum(here) - 1, purchases.day < on
    back = here[purchases.given_back_index] & (purchases.given_back_day < on)
    return replace(
        purchases,
        customers=purchases.customers[here],
        index=number[purchases.index[bought]],
        day=purchases.day[bought],
        orders=purchases.orders[bought],
        net=purchases.net[bought],
        given_back_index=number[purchases.given_back_index[back]],
        given_back_day=purchases.given_back_day[back],
        given_back=purchases.given_back[back],
    )


def _changed(groups: Codes) -> Any:
    return (groups != _before(groups)) & (groups != NOBODY_YET)


def _before(groups: Codes) -> Codes:
    """The group of the day before in the row; NOBODY_YET on the first."""
    return np.vstack([np.full_like(groups[:1], NOBODY_YET), groups[:-1]])
