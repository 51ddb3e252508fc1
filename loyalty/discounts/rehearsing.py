"""A discount is tried on the orders of a year before it is given: what it would have cost, who would have paid less.

As if everybody could have used it on every order, beside what was taken off then; never more than was paid and kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from crm.models import Order, OrderLine
from loyalty.discounts.basket import Basket, Line, Offer, Priced
from loyalty.discounts.pricing import price
from loyalty.discounts.rounding import minor
from loyalty.models import DiscountVersion, Rehearsal, RehearsedCustomer
from shop.currency import currency_in_force

ONE = Decimal(1)
PART, PARTS = 500, 10  # orders read at a time for a list, and how often for one page


class Trying:
    """Some thousand customers at a time; what is not of a customer is counted here. Money in minor units."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal, self.offer = rehearsal, offer_of(rehearsal.version)
        self.currency = currency_in_force()
        self.orders = self.applied = self.once = 0
        self.refused: Counter[str] = Counter()

    def compare(self, ids: Sequence[int]) -> list[RehearsedCustomer]:
        """`after`: what they would have saved. The first order it fits counts as what one use costs."""
        saved: dict[int, list[int]] = defaultdict(list)
        for order, lines in self._bought(ids):
            saved[order.customer_id].append(self._saves(order, lines))
        rows = []
        for customer, sums in saved.items():
            self.once += next((one for one in sums if one), 0)
            rows.append(RehearsedCustomer(rehearsal=self.rehearsal, customer_id=customer, before=0, after=sum(sums)))
        return rows

    def _bought(self, ids: Sequence[int]) -> Iterator[tuple[Order, list[OrderLine]]]:
        orders = tried(self.rehearsal).filter(customer__in=ids).order_by("customer", "placed_at", "pk")
        return with_lines(orders.only("customer", "total", "shipping", "refunded", "net"))

    def _saves(self, order: Order, lines: Sequence[OrderLine]) -> int:
        priced = price(basket_of(order, lines, self.currency), [self.offer], at=self.rehearsal.until)
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


def tried(rehearsal: Rehearsal) -> QuerySet[Order]:
    return Order.objects.filter(
        placed_at__gte=rehearsal.since,
        placed_at__lt=rehearsal.until,
        paid_at__isnull=False,
        cancelled_at=None,
        net__gt=0,
    )


def with_lines(found: Iterable[Order]) -> Iterator[tuple[Order, list[OrderLine]]]:
    orders = list(found)
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    sold = OrderLine.objects.filter(order__in=[order.pk for order in orders], quantity__gt=0)
    for line in sold.only("order", "sku", "category", "quantity", "unit_price").order_by("order", "position"):
        lines[line.order_id].append(line)
    for order in orders:
        yield order, lines[order.pk]


def orders_that(rehearsal: Rehearsal, why: str, before: int | None, most: int) -> tuple[list[Order], int | None]:
    """Those it does not fit for this reason, or, without one, those it fits: the newest first, tried again as they are
    shown. At most so many are looked through for a page; then the number to go on from comes with few or none."""
    offer, currency = offer_of(rehearsal.version), currency_in_force()
    found: list[Order] = []
    for _part in range(PARTS):
        orders = tried(rehearsal).select_related("customer").order_by("-pk")
        part = list(orders.filter(pk__lt=before)[:PART] if before else orders[:PART])
        for order, lines in with_lines(part):
            before = order.pk
            if why == _why_not(price(basket_of(order, lines, currency), [offer], at=rehearsal.until)):
                found.append(order)
            if len(found) == most:
                return found, before
        if len(part) < PART:
            return found, None
    return found, before


def _why_not(priced: Priced) -> str:
    return "" if priced.applied else priced.refused[0].code


def basket_of(order: Order, lines: Sequence[OrderLine], currency: str) -> Basket:
    """An order told without lines is one thing that nobody named."""
    sold = tuple(Line(line.sku, line.category, line.quantity, line.unit_price) for line in lines)
    whole = Line("", "", ONE, max(order.total - order.shipping, Decimal(0)))
    return Basket(sold or (whole,), order.shipping, currency)


def offer_of(version: DiscountVersion | None) -> Offer:
    """Its terms alone: nothing stands in the way of using it."""
    assert version
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
