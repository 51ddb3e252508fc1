"""Events of the ledger."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from crm.models import Event
from crm.models.event import Reaction
from shop.models.job import wake_relay


def expired(rows: Sequence[tuple[int, int]], at: datetime) -> None:
    """Many at once: (customer, points)."""
    if not rows:
        return
    events = Event.objects.bulk_create(
        Event(kind="points.expired", at=at, recorded_at=at, customer_id=customer, data={"points": points})
        for customer, points in rows
    )
    names = import_string(settings.REACTIONS).get("points.expired", [])
    if names:
        Reaction.objects.bulk_create(Reaction(event=event, name=name) for event in events for name in names)
        wake_relay()
