"""Points, tiers and a discount for a shop of the bench: a programme that began some months ago, and what came of it."""

from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from loyalty.models import Account, Discount, EarningRule, Tier, TierScheme, TierStep

DAYS = 120  # since it began
TIERS = {"Member": 0, "Silver": 400, "Gold": 1_000}

EARNED = """
    CREATE TEMP TABLE bench_earned AS
    SELECT id AS order_id, customer_id, floor(net)::bigint AS points, paid_at AS at,
           paid_at + interval '14 days' AS available_at, paid_at + interval '1 year' AS expires_at,
           row_number() OVER (PARTITION BY customer_id ORDER BY paid_at, id) AS sequence
      FROM crm_order WHERE paid_at >= %(since)s AND net >= 1 ORDER BY customer_id, paid_at
"""
ACCOUNTS = """
    INSERT INTO loyalty_account (customer_id, available, pending, held, debt, lifetime_earned, last_sequence, as_of,
                                 next_change_at)
    SELECT customer_id, coalesce(sum(points) FILTER (WHERE available_at <= now()), 0),
           coalesce(sum(points) FILTER (WHERE available_at > now()), 0), 0, 0, sum(points), count(*), now(),
           coalesce(min(available_at) FILTER (WHERE available_at > now()), min(expires_at))
      FROM bench_earned GROUP BY customer_id ORDER BY customer_id
"""
ENTRIES = """
    INSERT INTO loyalty_entry (account_id, sequence, kind, points, effective_at, recorded_at, order_id, reason, note,
                               actor, key, snapshot)
    SELECT account.id, sequence, 'earn', points, at, at, order_id, 'order', '', '', 'order:' || order_id || ':0', '{}'
      FROM bench_earned JOIN loyalty_account AS account USING (customer_id) ORDER BY account.id, sequence
"""
LOTS = """
    INSERT INTO loyalty_lot (account_id, entry_id, order_id, granted, remaining, held, available_at, expires_at)
    SELECT account_id, id, order_id, points, points, 0, effective_at + interval '14 days',
           effective_at + interval '1 year'
      FROM loyalty_entry ORDER BY id
"""
STANDINGS = """
    WITH steps AS (SELECT tier_id, threshold, lead(tier_id) OVER up AS next, lead(threshold) OVER up AS beyond
                     FROM loyalty_tierstep WINDOW up AS (ORDER BY threshold))
    INSERT INTO loyalty_standing (customer_id, tier_id, since, kept_until, counted, to_keep, next_tier_id, to_next,
                                  at_risk_on, as_of)
    SELECT customer_id, tier_id, last_on, last_on + 365, greatest(net, 0), threshold, next, greatest(beyond - net, 0),
           CASE WHEN threshold > 0 THEN last_on + 305 END, current_date
      FROM analytics_figures
      JOIN steps ON greatest(net, 0) >= threshold AND (beyond IS NULL OR greatest(net, 0) < beyond)
     ORDER BY customer_id
"""
GRANTS = """
    INSERT INTO loyalty_grant (discount_id, version_id, customer_id, source, reason, created_at, expires_at, uses,
                               taken, worth)
    SELECT version.discount_id, version.id, customer.id, 'staff', 'bench', now(), now() + interval '60 days', 1, 0, 5
      FROM loyalty_discountversion AS version, crm_customer AS customer WHERE customer.id %% 10 = 0 ORDER BY customer.id
"""
TABLES = "loyalty_account, loyalty_entry, loyalty_lot, loyalty_standing, loyalty_grant"


def fill() -> None:
    if not Account.objects.exists():
        _begin()
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(f"VACUUM ANALYZE {TABLES}")
        connection.close()


@transaction.atomic
def _begin() -> None:
    since = timezone.now() - timedelta(days=DAYS)
    rule = EarningRule.objects.create(points=1, per=1, keep_months=12)
    EarningRule.objects.filter(pk=rule.pk).update(since=since, published_at=since)
    scheme = TierScheme.objects.create()
    for name, threshold in TIERS.items():
        TierStep.objects.create(scheme=scheme, tier=Tier.objects.create(name=name), threshold=threshold)
    TierScheme.objects.filter(pk=scheme.pk).update(since=since, published_at=since)
    Discount.make("For the bench", kind="amount", lane="order", amount=Decimal(5))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for statement in (EARNED, ACCOUNTS, "ANALYZE loyalty_account", ENTRIES, LOTS, STANDINGS, GRANTS):
            cursor.execute(statement, {"since": since})
        cursor.execute("DROP TABLE bench_earned")
