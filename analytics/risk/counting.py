"""What a full run counts of very many flags, so that pages need not: those that we ended, and what became of them."""

from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from analytics.metrics.states_ahead import NAMES, StatesAhead
from analytics.models import Generation
from analytics.risk import outcomes

# Days as ordinals, 0 for none; what is at stake in thousandths.
_ENDED = """
    SELECT coalesce(array_agg(likely_lost_on - date '0001-01-01' + 1), '{}'),
           coalesce(array_agg(at_risk_on - date '0001-01-01' + 1), '{}'),
           coalesce(array_agg(overdue_on - date '0001-01-01' + 1), '{}'),
           coalesce(array_agg(scores.at_stake::float8 * 1000), '{}')
      FROM analytics_flag AS ended
      JOIN analytics_scores AS scores USING (customer_id)
     WHERE ended.closed_why IN ('dismissed', 'expired') AND ended.last_on >= scores.last_on
       AND ended.closed_at <= %s
"""


def count(generation: Generation) -> None:
    """`ended`: who was dismissed or expired in the same silence, by state, for the days to come; until: the moment."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_ENDED, [now])
        *days, at_stake = (np.array(column, dtype=np.float64) for column in cursor.fetchone())
    states = StatesAhead(generation.as_of.toordinal(), second_lasts=1)
    begins = {f"{name}_on": np.nan_to_num(day).astype(np.int64) for name, day in zip(NAMES, days, strict=False)}
    nobody = {f"{NAMES[-1]}_on": np.zeros(at_stake.size, dtype=np.int64), "at_stake": at_stake}
    for _columns in states.of(iter([begins | nobody])):
        pass
    flags: dict[str, Any] = {"until": now.isoformat(), "ended": states.as_dict(), "outcomes": outcomes.counted(now)}
    generation.totals = {**generation.totals, "flags": flags}
    Generation.objects.filter(pk=generation.pk).update(totals=generation.totals)
