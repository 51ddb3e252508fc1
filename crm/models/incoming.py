"""An order as another program tells it, taken in once however often it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.module_loading import import_string

from crm.models.known_by import KnownBy
from crm.models.order import Order, OrderLine

TOLD = ("placed_at", "channel", "branch", "staff", "goods", "discount", "shipping", "tax", "total")
# What an order that was made here does not know, and whoever tells it again adds.
ADDED = ("channel", "branch", "staff", "tax")
ADDED_TO_A_LINE = ("name", "category", "cost")
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
        if fields and import_string(settings.MADE_HERE)(known):
            fields = self._join(known, fields)
        if fields:
            raise OrderDiffers(known, fields)
        return known

    def _join(self, known: Order, fields: list[str]) -> list[str]:
        """An order that was made here is told by whoever sold it: the amounts are ours, the rest is added."""
        wrong = [name for name in fields if name in ("total", "customer")]
        if not wrong:
            _add(known, self.order, ADDED)
            for ours, told in zip(known.lines.order_by("position"), self.lines, strict=False):
                if (ours.sku, ours.quantity) == (told.sku, told.quantity):
                    _add(ours, told, ADDED_TO_A_LINE)
        return wrong


def _add(ours: Model, told: Model, names: Sequence[str]) -> None:
    """Only where we know nothing."""
    added = [name for name in names if getattr(told, name) and not getattr(ours, name)]
    for name in added:
        setattr(ours, name, getattr(told, name))
    if added:
        ours.save(update_fields=added)


def _told(lines) -> list[tuple]:
    return [tuple(getattr(line, name) for name in TOLD_OF_A_LINE) for line in lines]
