"""An order that arrives by itself with the reference of a checkout joins it."""

from django.db.models import Exists, OuterRef

from crm.models import Event, Order
from crm.models.incoming import OrderDiffers
from loyalty.models import Checkout
from loyalty.till.ending import CheckoutIsOver


def join(events: list[Event]) -> None:
    """order.placed, order.paid: what is put aside for it is used, once it is paid and comes to the same money."""
    actors: dict[int, str] = {}
    for event in events:
        actors.setdefault(event.order_id or 0, event.actor)
    for order in _awaited(list(actors)):
        checkout = Checkout.objects.open().of_order(order.source, order.reference).first()
        if checkout:
            try:
                checkout.commit(order=order, actor=actors[order.pk], at=order.paid_at)
            except (OrderDiffers, CheckoutIsOver):
                continue  # whoever commits it is told; else it lapses


def _awaited(numbers: list[int]) -> list[Order]:
    """Most orders were never put aside: one look finds those that were."""
    baskets = Checkout.objects.open().filter(source=OuterRef("source"), reference=OuterRef("reference"))
    paid = Order.objects.filter(pk__in=numbers, paid_at__isnull=False, cancelled_at=None)
    return list(paid.filter(Exists(baskets)).order_by("pk"))


def made_at_the_till(order: Order) -> bool:
    """Its amounts are the till's; who tells it again adds what the till did not know."""
    return Checkout.objects.filter(order=order, state=Checkout.State.PAID).exists()
