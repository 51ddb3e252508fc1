"""Brings idle accounts up to now: soon after the shop's midnight what is over goes; what begins can be spent."""

from datetime import datetime
from time import monotonic
from typing import Any

from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone

from loyalty.models import Account, Hold
from loyalty.points.bringing_up import bring_up

TASK = "loyalty.bring_up"
ACCOUNTS = 500  # of one transaction; nobody waits longer for an account than these take
LOTS = 1_000
SECONDS = 40

# Whoever is being merged or is spending at this moment is passed over: it happens there, or next time.
_CLAIM = """
SELECT account.id FROM loyalty_account AS account JOIN crm_customer AS customer ON customer.id = account.customer_id
 WHERE account.next_change_at <= %(at)s
 ORDER BY account.next_change_at LIMIT %(most)s
   FOR NO KEY UPDATE OF account SKIP LOCKED FOR KEY SHARE OF customer SKIP LOCKED
"""
_CLAIM_HELD = """
SELECT account.id FROM loyalty_account AS account JOIN crm_customer AS customer ON customer.id = account.customer_id
 WHERE account.id IN (SELECT account_id FROM loyalty_hold WHERE status = 'open' AND expires_at <= %(at)s
                       ORDER BY expires_at LIMIT %(most)s)
   FOR NO KEY UPDATE OF account SKIP LOCKED FOR KEY SHARE OF customer SKIP LOCKED
"""


def due() -> list[tuple[str, list[Any]]]:
    """For the relay."""
    now = timezone.now()
    waiting = Account.objects.filter(next_change_at__lte=now).exists() or Hold.objects.lapsed(now).exists()
    return [(TASK, [])] if waiting else []


@shared_task(name=TASK)
def bring_up_idle() -> None:
    """At least once; whatever is not done when time is over is found due again."""
    end = monotonic() + SECONDS
    while monotonic() < end and sweep():
        pass


def sweep(at: datetime | None = None) -> int:
    """One batch. Returns how many accounts were looked at; none: nothing is due, or others are at it."""
    at = at or timezone.now()
    with transaction.atomic():
        ids = _claimed(_CLAIM_HELD, at) or _claimed(_CLAIM, at)
        if ids:
            bring_up(ids, at, most=LOTS)
    for account in Account.objects.filter(pk__in=ids, customer__merged_into__isnull=False, available__gt=0):
        account.follow(at)  # a hold ended on a card that was merged meanwhile
    return len(ids)


def _claimed(statement: str, at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"at": at, "most": ACCOUNTS})
        return [row[0] for row in cursor.fetchall()]
