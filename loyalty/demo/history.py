"""Points and tiers of a year, as the reactions would have left them; written set by set."""

import json
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from crm.models import Customer
from loyalty.models import EarningRule, TierScheme
from loyalty.points.days import zone
from loyalty.programme import challenges
from loyalty.programme.comparing import by_order
from loyalty.programme.earning import Terms

BATCH = 2000

_EARNED = """
    CREATE TEMPORARY TABLE demo_earned ON COMMIT DROP AS
    SELECT o.id AS order_id, o.customer_id, earned.points, o.paid_at AS at,
           o.paid_at + make_interval(days => %(days)s) AS available_at,
           (((o.paid_at + make_interval(days => %(days)s)) AT TIME ZONE %(zone)s)::date
              + make_interval(months => %(months)s) + interval '1 day')::timestamp AT TIME ZONE %(zone)s AS expires_at,
           row_number() OVER (PARTITION BY o.customer_id ORDER BY o.paid_at, o.id) AS sequence
      FROM unnest(%(orders)s::bigint[], %(points)s::bigint[]) AS earned (id, points)
      JOIN crm_order AS o ON o.id = earned.id
     WHERE earned.points > 0
"""
_ACCOUNTS = """
    INSERT INTO loyalty_account (customer_id, available, pending, held, debt, lifetime_earned, last_sequence, as_of,
                                 next_change_at)
    SELECT customer_id, coalesce(sum(points) FILTER (WHERE available_at <= %(now)s), 0),
           coalesce(sum(points) FILTER (WHERE available_at > %(now)s), 0), 0, 0, sum(points), count(*), %(now)s,
           least(min(available_at) FILTER (WHERE available_at > %(now)s), min(expires_at))
      FROM demo_earned GROUP BY customer_id
"""
_ENTRIES = """
    INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, order_id, reason, note,
                               actor, key, snapshot)
    SELECT account.id, earned.sequence, 'earn', earned.points, earned.at, earned.at, earned.order_id, 'order', '',
           '', 'order:' || earned.order_id || ':0', %(snapshot)s::jsonb
      FROM demo_earned AS earned JOIN loyalty_account AS account ON account.customer_id = earned.customer_id
     ORDER BY earned.at, earned.order_id
"""
_LOTS = """
    INSERT INTO loyalty_lot (account_id, entry_id, order_id, granted, remaining, held, available_at, expires_at)
    SELECT entry.account_id, entry.id, entry.order_id, entry.points, entry.points, 0, earned.available_at,
           earned.expires_at
      FROM loyalty_entry AS entry JOIN demo_earned AS earned ON earned.order_id = entry.order_id
"""
# The sum of the last 365 days after each order; the day on which each step was first reached; the highest stays.
_PERIODS = """
    WITH sums AS (
        SELECT customer_id, (placed_at AT TIME ZONE %(zone)s)::date AS day,
               sum(net) OVER (PARTITION BY customer_id ORDER BY (placed_at AT TIME ZONE %(zone)s)::date
                              RANGE BETWEEN interval '364 days' PRECEDING AND CURRENT ROW) AS spent
          FROM crm_order WHERE paid_at IS NOT NULL AND cancelled_at IS NULL),
    steps AS (SELECT tier_id, threshold, lead(threshold) OVER (ORDER BY threshold) AS beyond
                FROM loyalty_tierstep WHERE scheme_id = %(scheme)s),
    reached AS (
        SELECT s.customer_id, t.tier_id, t.threshold, min(s.day) AS began, max(s.day) AS earned_on
          FROM sums AS s JOIN steps AS t ON s.spent >= t.threshold GROUP BY 1, 2, 3),
    kept AS (
        SELECT r.*, lead(r.began) OVER (PARTITION BY r.customer_id ORDER BY r.threshold) AS next
          FROM reached AS r)
    INSERT INTO loyalty_tierperiod (customer_id, tier_id, began_on, kept_until, ended_on, why, reason, actor)
    SELECT customer_id, tier_id, began, CASE WHEN next IS NULL THEN earned_on ELSE next END + 365,
           CASE WHEN next IS NOT NULL THEN next - 1 END, 'reached', '', ''
      FROM kept WHERE next IS NULL OR next > began
     ORDER BY customer_id, began
"""
_EVENTS = """
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, data)
    SELECT 'tier.changed', period.began_on + interval '12 hours', period.began_on + interval '12 hours',
           period.customer_id, '', '', jsonb_build_object(
               'tier', tier.name, 'what', 'reached', 'until', period.kept_until,
               'former', coalesce(lag(tier.name) OVER (PARTITION BY period.customer_id ORDER BY period.began_on), ''))
      FROM loyalty_tierperiod AS period JOIN loyalty_tier AS tier ON tier.id = period.tier_id
"""
# Where everybody stands, and how far with the challenges: what tiers.look and challenges.count would find.
_MOVED = """
    moved AS (
        SELECT customer_id, (placed_at AT TIME ZONE %(zone)s)::date AS day, net AS amount, (net > 0)::int AS kept
          FROM crm_order WHERE paid_at IS NOT NULL AND cancelled_at IS NULL
         UNION ALL
        SELECT customer_id, (at AT TIME ZONE %(zone)s)::date, -amount, 0 FROM crm_refund WHERE order_id IS NULL)
"""
_STANDINGS = f"""
    WITH {_MOVED},
    sums AS (
        SELECT p.customer_id,
               coalesce(sum(m.amount) FILTER (WHERE m.day BETWEEN %(today)s - 364 AND %(today)s), 0) AS now,
               coalesce(sum(m.amount) FILTER (WHERE m.day BETWEEN p.kept_until - 364 AND p.kept_until), 0) AS by_then
          FROM loyalty_tierperiod AS p LEFT JOIN moved AS m ON m.customer_id = p.customer_id
         WHERE p.ended_on IS NULL GROUP BY p.customer_id),
    steps AS (SELECT tier_id, threshold, lead(tier_id) OVER up AS next, lead(threshold) OVER up AS beyond
                FROM loyalty_tierstep WHERE scheme_id = %(scheme)s WINDOW up AS (ORDER BY threshold))
    INSERT INTO loyalty_standing (customer_id, tier_id, since, kept_until, counted, to_keep, next_tier_id, to_next,
                                  at_risk_on, as_of)
    SELECT p.customer_id, p.tier_id, p.began_on, p.kept_until, s.now, greatest(t.threshold - s.by_then, 0), t.next,
           CASE WHEN t.next IS NOT NULL THEN greatest(t.beyond - s.now, 0) END,
           CASE WHEN t.threshold > s.by_then THEN p.kept_until - 60 END, %(today)s
      FROM loyalty_tierperiod AS p JOIN sums AS s ON s.customer_id = p.customer_id
      JOIN steps AS t ON t.tier_id = p.tier_id
     WHERE p.ended_on IS NULL
"""
_PROGRESS = f"""
    WITH {_MOVED},
    sums AS (
        SELECT customer_id, CASE %(metric)s WHEN 'spend' THEN sum(amount) ELSE sum(kept) END AS counted
          FROM moved WHERE day BETWEEN %(first)s AND %(last)s GROUP BY customer_id)
    INSERT INTO loyalty_progress (challenge_id, customer_id, began_on, ends_on, counted, reached_at, due_at)
    SELECT %(challenge)s, customer_id, %(first)s, %(last)s, counted, CASE WHEN counted >= %(target)s THEN %(now)s END,
           CASE WHEN counted >= %(target)s THEN %(now)s + make_interval(days => %(days)s) END
      FROM sums WHERE counted > 0
"""


def points(rule: EarningRule) -> None:
    """Every order of the year by the rule that held then."""
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    now, since = timezone.now(), rule.since
    assert since
    earned: dict[int, int] = {}
    for at in range(0, len(ids), BATCH):
        found = by_order(ids[at : at + BATCH], None, Terms.of(rule), since, now)
        earned.update((pk, after) for pk, (_before, after) in found.items())
    facts = {"tier": None, "first_order": False, "birthday": False}
    values: dict[str, Any] = {
        "orders": list(earned),
        "points": list(earned.values()),
        "days": rule.return_days,
        "months": rule.keep_months,
        "zone": zone().key,
        "now": now,
        "snapshot": json.dumps({"rule": rule.pk, "facts": facts}),
    }
    with connection.cursor() as cursor:
        for statement in (_EARNED, _ACCOUNTS, _ENTRIES, _LOTS):
            cursor.execute(statement, values)


def periods(scheme: TierScheme) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PERIODS, {"zone": zone().key, "scheme": scheme.pk})
        cursor.execute("ANALYZE loyalty_tierperiod")
        cursor.execute(_EVENTS)


def standings(scheme: TierScheme, today: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, {"zone": zone().key, "scheme": scheme.pk, "today": today})


def progress(rule: EarningRule, today: date) -> None:
    for challenge, (first, last) in challenges.running(today):
        values = {
            "zone": zone().key,
            "challenge": challenge.pk,
            "metric": challenge.metric,
            "target": challenge.target,
            "first": first,
            "last": last,
            "now": timezone.now(),
            "days": rule.return_days,
        }
        with connection.cursor() as cursor:
            cursor.execute(_PROGRESS, values)
