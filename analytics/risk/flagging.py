"""Raise, escalate and clear the flags of customers who left their rhythm. Set by set, in one transaction."""

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from analytics.models import Flag, Generation
from analytics.risk import telling
from feedback.surveys.kinds import SCALES
from shop import business_hours
from shop.models import Setting

TOO_MANY = 0.05  # of the cards changing state at once: more likely new figures than new behaviour
CLEARED_ALIVE = 0.6  # and only then; raised is below 0.5, so that a flag does not flap
LONGEST = 730  # days back in which the shop's closures are looked up

LOCK = "SELECT pg_advisory_xact_lock(hashtext('analytics.flagging'))"
_RANK = "array_position(ARRAY['overdue', 'at_risk', 'likely_lost'], {}::text)"

# Who is late and whose flag is open, side by side: everybody for whom they say different things. Days on which the shop
# was closed are no silence: they are counted only for those who would be flagged.
_COMPARE = """
    DROP TABLE IF EXISTS pg_temp.flag_change;
    CREATE TEMPORARY TABLE flag_change ON COMMIT DROP AS
    SELECT customer_id, flag.id AS flag_id, flag.state AS flagged, flag.last_on AS flagged_from, late.state, late.since,
           late.last_on, late.at_stake,
           CASE WHEN late.last_on > flag.last_on THEN 'purchase' WHEN late.last_on IS NULL THEN 'left_out' END
               AS closed_why
      FROM (SELECT customer_id, last_on, at_stake,
                   CASE WHEN likely_lost_on <= by_now THEN 'likely_lost'
                        WHEN at_risk_on <= by_now THEN 'at_risk' ELSE 'overdue' END AS state,
                   CASE WHEN likely_lost_on <= by_now THEN likely_lost_on
                        WHEN at_risk_on <= by_now THEN at_risk_on ELSE overdue_on END AS since
              FROM {scores} WHERE least(likely_lost_on, at_risk_on, overdue_on) <= by_now) AS late
      FULL JOIN (SELECT * FROM analytics_flag WHERE closed_at IS NULL) AS flag USING (customer_id)
     WHERE late.state IS DISTINCT FROM flag.state OR late.last_on > flag.last_on
"""

_OPEN_EVERY_DAY = "analytics_scores CROSS JOIN (SELECT %(today)s::date AS by_now) AS now"
_CLOSED_ON_DAYS = """analytics_scores CROSS JOIN LATERAL (
                   SELECT CASE WHEN least(overdue_on, at_risk_on, likely_lost_on) <= %(today)s THEN %(today)s::date
                                    - (SELECT count(*)::integer FROM unnest(%(closed)s::date[]) AS shut (day)
                                        WHERE day > last_on)
                               ELSE %(today)s::date END AS by_now OFFSET 0) AS now"""

# Flags of customers who are not late any more; those who are nowhere in the figures were left out of them.
_NOT_LATE = """
    UPDATE flag_change AS change
       SET last_on = scores.last_on,
           closed_why = CASE WHEN scores.last_on > change.flagged_from THEN 'purchase'
                             WHEN coalesce(scores.p_alive, 1) >= %(cleared)s THEN 'figures' END
      FROM analytics_scores AS scores
     WHERE change.last_on IS NULL AND scores.customer_id = change.customer_id
"""

# Who was dismissed or whose flag expired stays so until they buy again.
_LEAVE = """
    DELETE FROM flag_change AS change USING analytics_flag AS ended
     WHERE change.flag_id IS NULL AND ended.customer_id = change.customer_id
       AND ended.closed_why IN ('dismissed', 'expired') AND ended.last_on >= change.last_on
"""

_COUNT = "SELECT count(*) FROM flag_change WHERE flagged IS DISTINCT FROM state"

_CLOSE = """
    UPDATE analytics_flag AS closing SET closed_at = %(now)s, closed_why = change.closed_why
      FROM flag_change AS change WHERE closing.id = change.flag_id AND change.closed_why IS NOT NULL
    RETURNING closing.customer_id, closing.state, closing.closed_why, closing.announced
"""

_EXPIRE = """
    UPDATE analytics_flag SET closed_at = %(now)s, closed_why = 'expired'
     WHERE closed_at IS NULL AND greatest(raised_at, contacted_at, offered_at) < %(expired)s
    RETURNING customer_id, state, closed_why, announced
"""

_ESCALATE = f"""
    UPDATE analytics_flag AS rising
       SET state = change.state, state_since = change.since, at_stake = change.at_stake,
           announced = %(announced)s, silent_days = %(today)s - change.last_on
      FROM flag_change AS change
     WHERE rising.id = change.flag_id AND change.closed_why IS NULL
       AND {_RANK.format("change.state")} > {_RANK.format("change.flagged")}
    RETURNING rising.customer_id, rising.state, rising.silent_days, rising.usual_days
"""

_RAISE = """
    INSERT INTO analytics_flag (customer_id, state, raised_at, state_since, last_on, silent_days, usual_days,
                                at_stake, announced, closed_why, dismissal, smaller, low_score, complained)
    SELECT customer_id, state, %(now)s, since, change.last_on, %(today)s - change.last_on,
           round(usual_gap)::integer, at_stake, %(announced)s, '', '',
           gaps >= 2 AND last_spend * gaps < (net - last_spend) * 0.8, false, false
      FROM flag_change AS change JOIN analytics_figures AS figures USING (customer_id)
     WHERE state IS NOT NULL AND (flag_id IS NULL OR closed_why IS NOT NULL) ORDER BY customer_id
    RETURNING customer_id, state, silent_days, usual_days
"""

# Offers for many tell no reaction of each of them.
_OFFER = """
    UPDATE analytics_flag AS flag SET offered_at = given.at
      FROM (SELECT customer_id, max(at) AS at FROM crm_event
             WHERE kind = 'discount.assigned' AND recorded_at > %(now)s - interval '2 days' GROUP BY 1) AS given
     WHERE flag.customer_id = given.customer_id AND flag.closed_at IS NULL AND flag.offered_at IS NULL
       AND given.at > flag.raised_at
"""


@transaction.atomic
def raise_and_clear(generation: Generation, today: date) -> int:
    """Returns how many flags were raised. The first time, and when too much changes at once, nobody is told until
    somebody releases it."""
    first, waiting = not Flag.objects.exists(), _waiting(generation)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        values = _values(today)
        scores = _CLOSED_ON_DAYS if values["closed"] else _OPEN_EVERY_DAY
        cursor.execute(_COMPARE.format(scores=scores), values)
        cursor.execute(_NOT_LATE, values)
        cursor.execute(_LEAVE)
        cursor.execute(_COUNT)
        changed = cursor.fetchone()[0]
        held_back = changed > 0 and (first or changed > max(TOO_MANY * generation.customers, 20))
        announced = values["announced"] = not held_back and not waiting
        cursor.execute(_OFFER, values)
        cleared = _done(cursor, _CLOSE, values)
        raised = _done(cursor, _ESCALATE, values) + _done(cursor, _RAISE, values)
        cleared += _done(cursor, _EXPIRE, values)
        reasons_of_new(cursor, values)
    if announced:
        telling.raised(raised)
        telling.cleared(cleared)
    Generation.objects.filter(pk=generation.pk).update(flags_held_back=0 if announced else waiting + changed)
    return len(raised)


def _values(today: date) -> dict[str, Any]:
    now = timezone.now()
    return {
        "today": today,
        "now": now,
        "cleared": CLEARED_ALIVE,
        "closed": closed_days(today),
        "expired": now - timedelta(days=Setting.get("analytics.flag_days")),
    }


def _waiting(generation: Generation) -> int:
    """How many the run before held back that nobody has released."""
    before = Generation.objects.filter(pk__lt=generation.pk, published_at__isnull=False).order_by("-pk").first()
    return before.flags_held_back if before and before.flags_released_at is None else 0


def closed_days(today: date) -> list[date]:
    """Closures and holidays of the settings; the day of the week on which a shop rests is part of every rhythm."""
    hours = business_hours.in_force()
    if not hours.once and not hours.yearly:
        return []
    days = (today - timedelta(days=n) for n in range(LONGEST))
    return [day for day in days if day in hours.once or (day.month, day.day) in hours.yearly]


_LOW = """
    UPDATE analytics_flag AS flag SET low_score = true FROM feedback_lastscores AS said
     WHERE flag.raised_at = %(now)s AND said.customer_id = flag.customer_id
       AND (said.nps <= %(nps)s OR said.csat <= %(csat)s OR said.ces <= %(ces)s)
"""

_COMPLAINED = """
    UPDATE analytics_flag AS flag SET complained = true
     WHERE flag.raised_at = %(now)s AND EXISTS (SELECT FROM crm_complaint AS complaint
           WHERE complaint.customer_id = flag.customer_id AND complaint.closed_at IS NULL)
"""


def reasons_of_new(cursor: Any, values: dict[str, Any]) -> None:
    low = {kind: scale.low for kind, scale in SCALES.items()}
    cursor.execute(_LOW, {**values, **low})
    cursor.execute(_COMPLAINED, values)


_CAME_BACK = """
    UPDATE analytics_flag AS flag SET closed_at = %(now)s, closed_why = 'purchase'
      FROM analytics_scores AS scores, analytics_stale AS stale
     WHERE flag.closed_at IS NULL AND stale.customer_id = flag.customer_id
       AND scores.customer_id = flag.customer_id AND scores.last_on > flag.last_on
    RETURNING flag.customer_id, flag.state, flag.closed_why, flag.announced
"""


@transaction.atomic
def clear_who_came_back() -> int:
    """Of those whose figures were made anew since the last full run; the night does the rest."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        cleared = _done(cursor, _CAME_BACK, {"now": timezone.now()})
    telling.cleared(cleared)
    return len(cleared)


def _done(cursor: Any, statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor.execute(statement, values)
    return cursor.fetchall()
