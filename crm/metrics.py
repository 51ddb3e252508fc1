"""The spine, mail and webhooks, for a monitor."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from crm.models import Delivery, Message, Reaction
from shop.metrics import Gauge, seconds_since


def of_the_spine() -> Iterator[Gauge]:
    now = timezone.now()
    yield from _queue("reactions", Reaction.objects.filter(done_at=None, parked_at=None), now)
    parked = Reaction.objects.filter(parked_at__isnull=False).count()
    yield Gauge("reactions_parked", "Reactions that failed five times and wait for a person.", parked)
    yield from _queue("mails", Message.objects.queued(), now)
    yield from _queue("deliveries", Delivery.objects.filter(state=Delivery.State.WAITING, webhook__state="live"), now)
    failed = Delivery.objects.filter(state=Delivery.State.FAILED).count()
    yield Gauge("deliveries_failed", "Messages to webhooks that were given up and wait for a person.", failed)


def _queue(name: str, waiting: QuerySet, now: datetime) -> Iterator[Gauge]:
    """How many wait at all, and for how long the oldest that is due does."""
    found = waiting.aggregate(n=Count("pk"))["n"]
    oldest = waiting.filter(due_at__lte=now).aggregate(at=Min("due_at"))["at"]
    yield Gauge(f"{name}_waiting", f"How many {name} wait, for their time or for a worker.", found)
    yield Gauge(
        f"{name}_oldest_due_seconds", f"For how long the oldest of the {name} has been due.", seconds_since(oldest)
    )
