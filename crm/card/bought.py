"""What a customer has bought: the line under the name and the rhythm of their orders."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, Subquery, Sum
from django.utils import timezone

from crm import revenue
from crm.models import Customer, Order, Refund
from shop import charts, formats
from shop.at_once import once
from shop.currency import currency_in_force
from shop.prepared import prepared

NEWEST = 34  # two a day for each that the rhythm draws
DRAWN = ("reference", "placed_at", "paid_at", "cancelled_at", "refunded", "net")
PURCHASE = Q(cancelled_at=None, paid_at__isnull=False)


@dataclass(frozen=True)
class Bought:
    """What a customer has bought up to this moment; published figures may be a day old."""

    orders: int
    net: Decimal
    first_at: datetime | None
    last_at: datetime | None


@once
@prepared
def sums_of(customer: Any) -> Any:
    unplaced = Refund.objects.filter(customer=customer, order=None).order_by().values("customer")
    loose = unplaced.annotate(sum=Sum("amount")).values("sum")
    return (
        Order.objects.filter(PURCHASE, customer=customer)
        .order_by()
        .values("customer")
        .annotate(orders=Count("*"), first_at=Min("placed_at"), last_at=Max("placed_at"))
        .annotate(all=Sum("net"), goods=Sum("net_goods"), loose=Subquery(loose))
        .values("orders", "first_at", "last_at", "all", "goods", "loose")
    )


def bought(customer: Customer) -> Bought:
    sums = next(iter(sums_of(customer)), None)
    if not sums:
        return Bought(0, Decimal(0), None, None)
    net = sums["all" if revenue.counts_all() else "goods"] - (sums["loose"] or 0)
    return Bought(sums["orders"], net, sums["first_at"], sums["last_at"])


@once
@prepared
def newest_orders(customer: Any) -> Any:
    """The panel and the rhythm draw the same rows; plain ones, as making 34 orders took as long as drawing them."""
    orders = Order.objects.filter(customer=customer).order_by("-placed_at", "-pk")
    return orders.values_list(*DRAWN, named=True)[:NEWEST]


def rhythm(customer: Customer) -> charts.Rhythm | None:
    """One dot an order. The usual gap comes from the published figures, when there are any."""
    orders = [order for order in newest_orders(customer) if order.paid_at and not order.cancelled_at]
    if not orders:
        return None
    figures = getattr(customer, "figures", None)
    low, high = getattr(figures, "gap_low", None), getattr(figures, "gap_high", None)
    overdue_on, today = getattr(getattr(customer, "scores", None), "overdue_on", None), timezone.localdate()
    return charts.Rhythm(
        _dots(orders),
        today,
        usual=(low, high) if low is not None and high is not None else None,
        late=bool(overdue_on and overdue_on <= today),
    )


def _dots(orders: list[Any]) -> list[charts.Order]:
    """One for each day of buying, oldest first."""
    days: dict[date, list[Any]] = {}
    zone = timezone.get_current_timezone()
    for order in reversed(orders):
        days.setdefault(order.placed_at.astimezone(zone).date(), []).append(order)
    currency = currency_in_force()
    return [
        charts.Order(
            day,
            f"{formats.day(day)}: {formats.money(sum(order.net for order in bought), currency)}",
            refunded=not any(order.net for order in bought),
        )
        for day, bought in days.items()
    ]
