"""Taking one grant back that nobody has used."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Event
from loyalty.models import Grant


@transaction.atomic
def withdraw(grant: Grant, *, by: Any) -> bool:
    """False: it was used meanwhile, or taken back before. Whoever pays with it right now is not stopped."""
    if not Grant.objects.unused().filter(pk=grant.pk).update(withdrawn_at=timezone.now()):
        return False
    discount = grant.discount
    Event.record(
        "discount.withdrawn", customer=grant.customer, subject=discount, actor=by.actor, discount=discount.name
    )
    return True
