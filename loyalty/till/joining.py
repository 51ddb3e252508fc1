"""An order that arrives by itself with the reference of a checkout joins it."""

from crm.models import Event, Order
from crm.models.incoming import OrderDiffers
from loyalty.models import Checkout
from loyalty.till.ending import CheckoutIsOver


def join(events: list[Event]) -> None:
    """order.placed, order.paid: what is put aside for it is used, once it is paid and comes to the same money."""
    for event in sorted(events, key=lambda event: event.order_id or 0):
        order = Order.objects.filter(pk=event.order_id or 0, paid_at__isnull=False, cancelled_at=None).first()
        checkout = order and Checkout.objects.open().of_order(order.source, order.reference).first()
        if order and checkout:
            try:
                checkout.commit(order=order, actor=event.actor, at=order.paid_at)
            except (OrderDiffers, CheckoutIsOver):
                continue  # whoever commits it is told; else it lapses


def made_at_the_till(order: Order) -> bool:
    """Its amounts are the till's; who tells it again adds what the till did not know."""
    return Checkout.objects.filter(order=order, state=Checkout.State.PAID).exists()
