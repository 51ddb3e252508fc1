"""Baskets that nobody paid or let go: what they hold goes back when their time is over."""

from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from loyalty.models import Checkout

BATCH = 200


def due() -> list[tuple[str, list[Any]]]:
    """What the relay finds to do."""
    return [("loyalty.lapse_checkouts", [])] if Checkout.objects.lapsed(timezone.now()).exists() else []


@shared_task(name="loyalty.lapse_checkouts")
def lapse_checkouts() -> int:
    lapsed = 0
    while some := lapse():
        lapsed += some
    return lapsed


@transaction.atomic
def lapse() -> int:
    """Two workers never take the same ones; a payment that is coming in at this moment goes first."""
    now = timezone.now()
    rows = Checkout.objects.lapsed(now).select_related("hold").order_by("customer_id", "pk")
    found = list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    for checkout in found:
        checkout.let_go(Checkout.State.EXPIRED, now)
    return len(found)
