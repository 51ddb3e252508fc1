"""A basket is paid: the order is made, or the one that is there is completed, and all that was put aside is used."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from crm.models import Customer, Order, OrderLine
from crm.models.incoming import OrderDiffers
from crm.models.known_by import KnownBy
from loyalty.models import Checkout
from loyalty.till.asked import Contact
from loyalty.till.paying import Bill
from loyalty.till.quoting import Quote, earns
from shop.currency import currency_in_force
from shop.inserting import insert


def complete(checkout: Checkout, points: int, *, actor: str, at: datetime, order: Order | None = None) -> None:
    """The checkout is locked and open. Customer, order, account, grants, budgets: locked in this order everywhere."""
    bill = Bill.read(checkout.basket)
    changes: dict[str, Any] = {}
    if points != checkout.points:
        bill = bill.with_points(points, checkout.point_value, currency_in_force())
        changes = {"points": points, "by_points": bill.sum("by_points"), "basket": bill.to_json()}
        changes["earns"] = earns(checkout, bill, at)
    customer, came_by = _customer(checkout, actor, checkout.customer and checkout.customer.held())
    order = _order(checkout, bill, customer, came_by, actor=actor, at=at, found=order) if customer else None
    if hold := checkout.hold:
        spend = hold.pay if customer and hold.account.customer_id == customer.pk else hold.commit
        spend(points, key=checkout.key, order=order, actor=actor, at=at)
    if checkout.discount:
        checkout.redemptions.commit_all(order=order, actor=actor, at=at)
    checkout.end(Checkout.State.PAID, at, order=order, customer=customer, **changes)


def pay_at_once(checkout: Checkout, quoted: Quote, customer: Customer | None, *, actor: str) -> None:
    """The same for a basket that was never put aside: the points are spent at once, with no hold in between.

    `customer`: the card that is meant, which is locked; None: they are known by their contact, or not at all.
    """
    at = quoted.at
    customer, came_by = _customer(checkout, actor, customer)
    order = _order(checkout, quoted.bill, customer, came_by, actor=actor, at=at) if customer else None
    for name, value in {"state": "paid", "ended_at": at, "contact": {}, "customer": customer, "order": order}.items():
        setattr(checkout, name, value)
    insert(checkout)
    if checkout.points:
        quoted.account_of(customer).pay(checkout.points, key=checkout.key, order=order, actor=actor, at=at)
    if quoted.priced.applied:
        quoted.take_discounts(checkout)
        checkout.redemptions.commit_all(order=order, actor=actor, at=at)


def _customer(checkout: Checkout, actor: str, held: Customer | None) -> tuple[Customer | None, int | None]:
    """Who said how they are known gets a card with the order, as from POST /orders/. A passer-by has neither."""
    if held:
        return held, None
    contact = Contact(**checkout.contact)
    if not contact.is_known:
        return None, None
    buyer = KnownBy(source=checkout.source, **checkout.contact)
    customer = buyer.find_or_create(actor=actor)
    return customer, buyer.led_to(customer)


def _order(
    checkout: Checkout,
    bill: Bill,
    customer: Customer,
    came_by: int | None,
    *,
    actor: str,
    at: datetime,
    found: Order | None = None,
) -> Order:
    if found is None:
        order = Order(customer=customer, came_by=came_by, source=checkout.source, reference=checkout.reference)
        order.placed_at = order.paid_at = at
        for name, amount in amounts(bill).items():
            setattr(order, name, amount)
        if order.place_unless_there(lines=lines(bill), actor=actor):
            return order
        found = _there(checkout)
    if wrong := differs(found, bill, customer):
        raise OrderDiffers(found, wrong)
    found.pay(at, actor=actor)
    return found


def _there(checkout: Checkout) -> Order:
    """The order that was told before it was paid here; it is locked."""
    orders = Order.objects.select_for_update(no_key=True, of=("self",))
    return orders.get(source=checkout.source, reference=checkout.reference)


def amounts(bill: Bill) -> dict[str, Decimal]:
    """goods − discount + shipping = total. What points paid is no revenue, so it stands with the discount."""
    goods = sum((line.full for line in bill.lines), Decimal(0))
    paid = sum((line.money for line in bill.lines), Decimal(0))
    shipping = bill.shipping.money
    return {"goods": goods, "discount": goods - paid, "shipping": shipping, "total": paid + shipping}


def lines(bill: Bill) -> list[OrderLine]:
    return [
        OrderLine(
            sku=line.item.sku,
            name=line.item.name,
            category=line.item.category,
            quantity=line.item.quantity,
            unit_price=line.item.unit_price,
            discount=line.discount + line.by_points,
            paid=line.money,
        )
        for line in bill.lines
    ]


def differs(order: Order, bill: Bill, customer: Customer) -> list[str]:
    """An order that was told by itself joins its checkout when it is of the same customer and money."""
    wrong = []
    if order.total != amounts(bill)["total"]:
        wrong.append("total")
    if order.customer_id != customer.pk:
        wrong.append("customer")
    if order.cancelled_at:
        wrong.append("cancelled_at")
    return wrong
