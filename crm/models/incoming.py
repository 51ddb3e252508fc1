"""An order as another program tells it, taken in once however often it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from crm.models.known_by import KnownBy
from crm.models.order import Order, OrderLine

TOLD = ("placed_at", "channel", "branch", "staff", "goods", "discount", "shipping", "tax", "total")
TOLD_OF_A_LINE = ("sku", "name", "category", "quantity", "unit_price", "discount", "paid", "cost")


class OrderDiffers(Exception):
    """There is an order of this source and reference, and it says something else. `fields`: where."""

    def __init__(self, order: Order, fields: list[str]) -> None:
        super().__init__(f"order {order.pk} differs in {', '.join(fields)}")
        self.order, self.fields = order, fields


@dataclass
class IncomingOrder:
    order: Order
    buyer: KnownBy
    lines: Sequence[OrderLine] = ()

    def accept(self, *, actor: str = "") -> tuple[Order, bool]:
        """The order, and whether it is new. Raises OrderDiffers."""
        if known := self._known():
            return self._the_same(known), False
        try:
            with transaction.atomic():
                self.order.customer = self.buyer.find_or_create(actor=actor)
                self.order.came_by = self.buyer.led_to(self.order.customer)
                self.order.place(lines=self.lines, actor=actor)
                return self.order, True
        except IntegrityError:
            # Told twice at once, and the other was quicker; the savepoint took a new card back too.
            if known := self._known():
                return self._the_same(known), False
            raise

    def _known(self) -> Order | None:
        return Order.objects.filter(source=self.order.source, reference=self.order.reference).first()

    def _the_same(self, known: Order) -> Order:
        fields = [name for name in TOLD if getattr(known, name) != getattr(self.order, name)]
        if self.order.paid_at not in (None, known.paid_at):
            # Told as unpaid and paid since is the same order; told as paid, it must have been paid then.
            fields.append("paid_at")
        if _told(known.lines.order_by("position")) != _told(self.lines):
            fields.append("lines")
        if not known.customer.erased_at and not self.buyer.is_mark_of(known.customer):
            fields.append("customer")
        if fields:
            raise OrderDiffers(known, fields)
        return known


def _told(lines) -> list[tuple]:
    return [tuple(getattr(line, name) for name in TOLD_OF_A_LINE) for line in lines]
