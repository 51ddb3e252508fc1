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

# Everybody whose state has begun, and who has an open flag, side by side.
_COMPARED = """
    WITH state AS (
        SELECT customer_id, last_on, usual_gap, at_stake,
               CASE WHEN likely_lost_on <= %(today)s THEN 'likely_lost'
                    WHEN at_risk_on <= %(today)s THEN 'at_risk' ELSE 'overdue' END AS state,
               CASE WHEN likely_lost_on <= %(today)s THEN likely_lost_on
                    WHEN at_risk_on <= %(today)s THEN at_risk_on ELSE overdue_on END AS since
          FROM analytics_figures
         WHERE overdue_on <= %(today)s OR at_risk_on <= %(today)s OR likely_lost_on <= %(today)s
    ), flag AS (SELECT * FROM analytics_flag WHERE closed_at IS NULL)
"""

_CLOSE = f"""
    {_COMPARED}
    UPDATE analytics_flag AS closing SET closed_at = %(now)s,
           closed_why = CASE WHEN figures.customer_id IS NULL THEN 'left_out'
                             WHEN figures.last_on > flag.last_on THEN 'purchase' ELSE 'figures' END
      FROM flag LEFT JOIN state USING (customer_id)
           LEFT JOIN analytics_figures AS figures ON figures.customer_id = flag.customer_id
     WHERE closing.id = flag.id
       AND (figures.customer_id IS NULL OR figures.last_on > flag.last_on
            OR (state.customer_id IS NULL AND coalesce(figures.p_alive, 1) >= %(cleared)s))
    RETURNING closing.customer_id, closing.state, closing.closed_why
"""

_ESCALATE = f"""
    {_COMPARED}
    UPDATE analytics_flag AS rising
       SET state = state.state, state_since = state.since, at_stake = state.at_stake, announced = %(announced)s,
           silent_days = %(today)s - state.last_on
      FROM flag JOIN state USING (customer_id)
     WHERE rising.id = flag.id AND {_RANK.format("state.state")} > {_RANK.format("flag.state")}
    RETURNING rising.customer_id, rising.state, rising.silent_days, rising.usual_days
"""

_RAISE = f"""
    {_COMPARED}
    INSERT INTO analytics_flag (customer_id, state, raised_at, state_since, last_on, silent_days, usual_days,
                                at_stake, announced, closed_why)
    SELECT state.customer_id, state.state, %(now)s, state.since, state.last_on, %(today)s - state.last_on,
           round(state.usual_gap)::integer, state.at_stake, %(announced)s, ''
      FROM state LEFT JOIN flag USING (customer_id) WHERE flag.id IS NULL ORDER BY state.customer_id
    RETURNING customer_id, state, silent_days, usual_days
"""

_COUNT = f"""
    {_COMPARED}
    SELECT count(*) FROM state FULL JOIN flag USING (customer_id) WHERE flag.state IS DISTINCT FROM state.state
"""


@transaction.atomic
def raise_and_clear(generation: Generation, today: date) -> int:
    """Returns how many flags were raised. The first time, and when too much changes at once, nobody is told."""
    first = not Flag.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('analytics.flagging'))")
        values: dict[str, Any] = {"today": today, "now": timezone.now(), "cleared": CLEARED_ALIVE}
        cursor.execute(_COUNT, values)
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
