"""What was paid for each line of an order, whichever way it came: the lines add up to its total, always."""

from collections.abc import Sequence
from decimal import Decimal

from crm.models import Order, OrderLine
from loyalty.discounts.rounding import major, minor, split
from loyalty.models import Checkout, SoldLine
from loyalty.models.goods_back import SHIPPING
from loyalty.till.paying import Bill
from shop.currency import currency_in_force

ONE = Decimal(1)


def sold_lines(order: Order) -> list[SoldLine]:
    """The rows, made when they are not there yet. The order is locked."""
    rows = list(SoldLine.objects.filter(order=order).order_by("position"))
    if not rows:
        made = [line for line in plan(order) if line.paid or line.by_points or line.position != SHIPPING]
        rows = SoldLine.objects.bulk_create(made)
    return sorted(rows, key=lambda row: row.position)


def plan(order: Order) -> list[SoldLine]:
    """Without writing: lines of the order, or one that stands for all of it, and the shipping."""
    lines = [line for line in order.lines.order_by("position") if line.quantity > 0]
    shipping = min(order.shipping, order.total)
    shares = _shares(order.total - shipping, lines)
    by_points = _by_points(order)
    rows = [
        SoldLine(order=order, position=line.position, quantity=line.quantity, paid=share)
        for line, share in zip(lines, shares, strict=True)
    ] or [SoldLine(order=order, position=1, quantity=ONE, paid=order.total - shipping)]
    rows.append(SoldLine(order=order, position=SHIPPING, quantity=ONE, paid=shipping))
    for row in rows:
        row.by_points = by_points.get(row.position, Decimal(0))
    return rows


def _shares(goods: Decimal, lines: Sequence[OrderLine]) -> list[Decimal]:
    """What was paid for the lines; where they do not add up to the goods, each in proportion."""
    paid = [line.paid for line in lines]
    if sum(paid) == goods:
        return paid
    currency = currency_in_force()
    weights = [minor(line.paid or line.quantity * line.unit_price, currency) for line in lines]
    weights = weights if sum(weights) else [1] * len(lines)
    return [major(share, currency) for share in split(minor(goods, currency), weights)]


def _by_points(order: Order) -> dict[int, Decimal]:
    checkout = Checkout.objects.filter(order=order, state=Checkout.State.PAID).first()
    if checkout is None:
        return {}
    bill = Bill.read(checkout.basket)
    return {SHIPPING: bill.shipping.by_points, **{at: line.by_points for at, line in enumerate(bill.lines, start=1)}}
