from decimal import Decimal

import pytest

from crm.models import Event, RefundTooLarge
from tests import build


def test_a_refund_lowers_what_an_order_is_worth(ana):
    order = build.order(ana, "50.00")

    order.refund(Decimal("20.00"))

    order.refresh_from_db()
    assert order.net == Decimal("30.00")
    assert Event.objects.get().data == {"reference": order.reference, "amount": "20.00"}


def test_more_than_was_paid_cannot_be_refunded(ana):
    order = build.order(ana, "50.00")
    order.refund(Decimal("20.00"))

    with pytest.raises(RefundTooLarge) as refused:
        order.refund(Decimal("30.01"))

    assert refused.value.left == Decimal("30.00")


def test_a_cancelled_order_is_worth_nothing_and_is_cancelled_once(ana):
    order = build.order(ana, "50.00")

    assert order.cancel()
    assert not order.cancel()

    order.refresh_from_db()
    assert order.net == 0
    assert [e.kind for e in Event.objects.all()] == ["order.cancelled"]
