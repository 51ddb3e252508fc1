"""A discount is tried on the orders of a year before it is given: what it would have cost, who would have paid less.

As if everybody could have used it on every order, beside what was taken off then; never more than was paid and kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from crm.models import Order, OrderLine
from loyalty.discounts.basket import Basket, Line, Offer
from loyalty.discounts.pricing import price
from loyalty.discounts.rounding import minor
from loyalty.models import DiscountVersion, Rehearsal, RehearsedCustomer
from shop.currency import currency_in_force

ONE = Decimal(1)


class Trying:
    """Some thousand customers at a time; what is not of a customer is counted here. Money in minor units."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        assert rehearsal.version
        self.rehearsal, self.offer = rehearsal, offer_of(rehearsal.version)
        self.currency = currency_in_force()
        self.orders = self.applied = self.once = 0
        self.refused: Counter[str] = Counter()

    def compare(self, ids: Sequence[int]) -> list[RehearsedCustomer]:
        """`after`: what they would have saved. The first order it fits counts as what one use costs."""
        saved: dict[int, list[int]] = defaultdict(list)
        for customer, order in self._bought(ids):
            saved[customer].append(self._saves(order))
        rows = []
        for customer, sums in saved.items():
            self.once += next((one for one in sums if one), 0)
            rows.append(RehearsedCustomer(rehearsal=self.rehearsal, customer_id=customer, before=0, after=sum(sums)))
        return rows

    def _bought(self, ids: Sequence[int]) -> Iterable[tuple[int, Order]]:
        orders = list(
            Order.objects.filter(
                customer__in=ids,
                placed_at__gte=self.rehearsal.since,
                placed_at__lt=self.rehearsal.until,
                paid_at__isnull=False,
                cancelled_at=None,
                net__gt=0,
            )
            .only("customer", "total", "shipping", "refunded", "net")
            .order_by("customer", "placed_at", "pk")
        )
        lines: dict[int, list[OrderLine]] = defaultdict(list)
        sold = OrderLine.objects.filter(order__in=[order.pk for order in orders], quantity__gt=0)
        for line in sold.only("order", "sku", "category", "quantity", "unit_price").order_by("order", "position"):
            lines[line.order_id].append(line)
        for order in orders:
            order.sold = lines[order.pk]  # type: ignore[attr-defined]
            yield order.customer_id, order

    def _saves(self, order: Any) -> int:
        priced = price(basket_of(order, self.currency), [self.offer], at=self.rehearsal.until)
        self.orders += 1
        if not priced.applied:
            self.refused[priced.refused[0].code] += 1
            return 0
        self.applied += 1
        return min(minor(priced.discount, self.currency), minor(order.net, self.currency))

    def result(self) -> dict[str, Any]:
        rows = RehearsedCustomer.objects.filter(rehearsal=self.rehearsal)
        found = rows.aggregate(customers=Count("pk"), cost=Sum("after"), gain=Count("pk", filter=Q(difference__gt=0)))
        return {
            **{name: value or 0 for name, value in found.items()},
            "orders": self.orders,
            "applied": self.applied,
            "once": self.once,
            "refused": dict(self.refused),
        }


def basket_of(order: Any, currency: str) -> Basket:
    """An order told without lines is one thing that nobody named."""
    lines = tuple(Line(line.sku, line.category, line.quantity, line.unit_price) for line in order.sold)
    whole = Line("", "", ONE, max(order.total - order.shipping, Decimal(0)))
    return Basket(lines or (whole,), order.shipping, currency)


def offer_of(version: DiscountVersion) -> Offer:
    """Its terms alone: nothing stands in the way of using it."""
    kind: Any = version.kind
    lane: Any = version.lane
    return Offer(
        id=version.pk,
        version=version.pk,
        name=version.discount.name,
        kind=kind,
        lane=lane,
        percent=version.percent,
        amount=version.amount,
        goods=version.goods,
        minimum=version.minimum,
        maximum=version.maximum,
    )
