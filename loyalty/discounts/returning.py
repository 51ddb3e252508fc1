"""An order that is called off gives its discounts back."""

from django.db import transaction

from crm.models import Event
from loyalty.models import Redemption


def give_back(events: list[Event]) -> None:
    """Safe to run twice: what came back is not committed any more. config/reactions.py names it."""
    orders = {event.order_id for event in events if event.order_id}
    with transaction.atomic():
        for redemption in Redemption.objects.filter(order__in=orders, state="committed").locked():
            redemption.reverse(key=f"cancelled:{redemption.order_id}")
