"""Events of the programme."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.models import Event
from crm.models.event import Reaction
from loyalty.models import TierPeriod
from shop.models.job import wake_relay

Change = tuple[TierPeriod | None, TierPeriod | None, int]


def edited(what: str, number: int, *, by: Any, since: str = "") -> None:
    """Somebody changed a rule, the tiers, a reward or a challenge."""
    Event.record("programme.changed", actor=by.actor, what=what, number=number, since=since)


def changed(changes: Iterable[Change], actor: str = "") -> int:
    """(the tier before, the tier now, the customer); returns how many."""
    made = Event.objects.bulk_create(
        (_event(old, new, customer, actor) for old, new, customer in changes), batch_size=2000
    )
    names = import_string(settings.REACTIONS).get("tier.changed", [])
    if names and made:
        rows = (Reaction(event=event, name=name) for event in made for name in names)
        Reaction.objects.bulk_create(rows, batch_size=2000)
        wake_relay()
    return len(made)


def _event(old: TierPeriod | None, new: TierPeriod | None, customer: int, actor: str) -> Event:
    return Event(
        kind="tier.changed",
        at=timezone.now(),
        customer_id=customer,
        actor=actor,
        data={
            "tier": str(new.tier) if new else "",
            "former": str(old.tier) if old else "",
            "what": new.why if new else TierPeriod.Why.DEMOTED,
            "until": new.kept_until.isoformat() if new else "",
        },
    )
