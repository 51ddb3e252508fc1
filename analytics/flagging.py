"""Raise, escalate and clear the flags of customers who left their rhythm. Set by set, in one transaction."""

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from analytics.models import Flag, Generation
from crm.models import Event

TOO_MANY = 0.05  # of the cards changing state at once: more likely new figures than new behaviour
CLEARED_ALIVE = 0.6  # and only then; raised is below 0.5, so that a flag does not flap

_RANK = "array_position(ARRAY['overdue', 'at_risk', 'likely_lost'], {}::text)"

# Figures and open flags side by side, once: everybody for whom they say different things.
_COMPARE = """
    DROP TABLE IF EXISTS pg_temp.flag_change;
    CREATE TEMPORARY TABLE flag_change ON COMMIT DROP AS
    SELECT customer_id, flag.id AS flag_id, flag.state AS flagged, figures.state, figures.since, figures.last_on,
           figures.usual_gap, figures.at_stake,
           CASE WHEN flag.id IS NULL THEN NULL
                WHEN figures.last_on IS NULL THEN 'left_out'
                WHEN figures.last_on > flag.last_on THEN 'purchase'
                WHEN figures.state IS NULL AND coalesce(figures.p_alive, 1) >= %(cleared)s THEN 'figures'
           END AS closed_why
      FROM (SELECT customer_id, last_on, usual_gap, at_stake, p_alive,
                   CASE WHEN likely_lost_on <= %(today)s THEN 'likely_lost'
                        WHEN at_risk_on <= %(today)s THEN 'at_risk'
                        WHEN overdue_on <= %(today)s THEN 'overdue' END AS state,
                   CASE WHEN likely_lost_on <= %(today)s THEN likely_lost_on
                        WHEN at_risk_on <= %(today)s THEN at_risk_on ELSE overdue_on END AS since
              FROM analytics_figures) AS figures
      FULL JOIN (SELECT * FROM analytics_flag WHERE closed_at IS NULL) AS flag USING (customer_id)
     WHERE figures.state IS DISTINCT FROM flag.state OR figures.last_on > flag.last_on
"""

_COUNT = "SELECT count(*) FROM flag_change WHERE flagged IS DISTINCT FROM state"

_CLOSE = """
    UPDATE analytics_flag AS closing SET closed_at = %(now)s, closed_why = change.closed_why
      FROM flag_change AS change WHERE closing.id = change.flag_id AND change.closed_why IS NOT NULL
    RETURNING closing.customer_id, closing.state, closing.closed_why
"""

_ESCALATE = f"""
    UPDATE analytics_flag AS rising
       SET state = change.state, state_since = change.since, at_stake = change.at_stake, announced = %(announced)s,
           silent_days = %(today)s - change.last_on
      FROM flag_change AS change
     WHERE rising.id = change.flag_id AND change.closed_why IS NULL
       AND {_RANK.format("change.state")} > {_RANK.format("change.flagged")}
    RETURNING rising.customer_id, rising.state, rising.silent_days, rising.usual_days
"""

_RAISE = """
    INSERT INTO analytics_flag (customer_id, state, raised_at, state_since, last_on, silent_days, usual_days,
                                at_stake, announced, closed_why)
    SELECT customer_id, state, %(now)s, since, last_on, %(today)s - last_on, round(usual_gap)::integer, at_stake,
           %(announced)s, ''
      FROM flag_change WHERE state IS NOT NULL AND (flag_id IS NULL OR closed_why IS NOT NULL) ORDER BY customer_id
    RETURNING customer_id, state, silent_days, usual_days
"""


@transaction.atomic
def raise_and_clear(generation: Generation, today: date) -> int:
    """Returns how many flags were raised. The first time, and when too much changes at once, nobody is told."""
    first = not Flag.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('analytics.flagging'))")
        values: dict[str, Any] = {"today": today, "now": timezone.now(), "cleared": CLEARED_ALIVE}
        cursor.execute(_COMPARE, values)
        cursor.execute(_COUNT)
        changed = cursor.fetchone()[0]
        announced = not first and changed <= max(TOO_MANY * generation.customers, 20)
        values["announced"] = announced
        cleared = _done(cursor, _CLOSE, values)
        raised = _done(cursor, _ESCALATE, values) + _done(cursor, _RAISE, values)
    if announced:
        _tell(raised, cleared)
    Generation.objects.filter(pk=generation.pk).update(flags_held_back=0 if announced else changed)
    return len(raised)


def _done(cursor: Any, statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor.execute(statement, values)
    return cursor.fetchall()


def _tell(raised: list[tuple[Any, ...]], cleared: list[tuple[Any, ...]]) -> None:
    for customer, state, silent, usual in raised:
        Event.record("risk.raised", customer_id=customer, state=state, silent_days=silent, usual_days=usual)
    for customer, state, why in cleared:
        Event.record("risk.cleared", customer_id=customer, state=state, why=why)
