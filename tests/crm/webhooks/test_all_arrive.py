"""The bar: whatever half of the answers are, every message arrives, and each is what it says it is."""

import pytest
from django.utils import timezone

from crm.models import Delivery, Event
from crm.webhooks.delivering import deliver_due
from tests.crm.webhooks.receiving import Receiver, allow, no_more_waiting, verified, webhook

State = Delivery.State


@pytest.mark.parametrize("count", [30, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.django_db(transaction=True)
def test_every_message_reaches_a_receiver_that_fails_half_the_time(count):
    dice = {}
    receiver = Receiver(lambda message, times: 200 if dice.setdefault(message, len(dice)) % 2 < times - 1 else 500)
    with receiver.listening() as port:
        allow(port)
        _hook, secret = webhook(port, "order.cancelled")
        Event.objects.bulk_create(
            [Event(kind="order.cancelled", at=timezone.now(), data={"reference": f"R{n}"}) for n in range(count)]
        )
        while Delivery.objects.filter(state=State.WAITING).exists():
            no_more_waiting()
            deliver_due()

    told = {one["data"]["details"]["reference"] for one in verified(receiver, secret)}
    assert told == {f"R{n}" for n in range(count)}
    assert len(receiver.got) == sum(2 + n % 2 for n in range(count))
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}
