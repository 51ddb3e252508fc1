"""Discounts, grants and baskets for the tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crm.models import Customer
from loyalty.discounts.basket import Basket, Line, Offer
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.offers import offers_for
from loyalty.discounts.pricing import price
from loyalty.models import Assignment, Budget, Discount, Drawn, Grant, Redemption
from tests import build

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def basket(*prices: str, shipping: str = "0", currency: str = "GBP") -> Basket:
    """Lines A, B, C … of one unit each, in category "things"; "3x2.50" is three of them."""
    return Basket(tuple(_line(i, text) for i, text in enumerate(prices)), Decimal(shipping), currency)


def _line(i: int, text: str) -> Line:
    quantity, times, unit = text.rpartition("x")
    return Line("ABCDEFGHIJ"[i], "things", Decimal(quantity if times else 1), Decimal(unit))


def offer(id: int = 1, **terms: Any) -> Offer:
    """Ten percent off the order, unless told otherwise."""
    terms = {"kind": "percent", "lane": "order", "percent": Decimal(10), "version": id, "name": f"Offer {id}", **terms}
    return Offer(
        id=id,
        **{key: Decimal(value) if isinstance(value, str) and key in MONEY else value for key, value in terms.items()},
    )


MONEY = ("percent", "amount", "minimum", "maximum", "budget_left")


def discount(name: str = "Ten percent", *, budget: Budget | None = None, **terms: Any) -> Discount:
    terms = {"kind": "percent", "lane": "order", "percent": 10, **terms}
    if terms["kind"] != "percent":
        terms["percent"] = 0
    return Discount.make(name, budget=budget, **terms)


def budget(limit: str, **fields: Any) -> Budget:
    return Budget.objects.create(name="Spring", currency="GBP", limit=Decimal(limit), **fields)


def grant(customer: Customer | None = None, of: Discount | None = None, **fields: Any) -> Grant:
    of = of or discount()
    return Grant.objects.create(discount=of, version=of.version, customer=customer, budget=of.budget, **fields)


def hold(what: Basket, buyer: Buyer, *codes: str, key: str = "k", at: datetime | None = None) -> list[Redemption]:
    """As the till does: the best price now, and its discounts held."""
    at = at or timezone.now()
    priced = price(what, offers_for(buyer, codes=codes, at=at), at=at)
    return Redemption.hold(priced, buyer=buyer, reference=f"R-{key}", key=key)


def crowd(n, **fields):
    return Customer.objects.bulk_create(Customer(given_name=f"Person {i}", **fields) for i in range(n))


def to_all(discount, by, **fields):
    return Assignment.objects.create(
        version=discount.version,
        whom="many",
        selection="all=1&question=",
        source="segment",
        asked_by=by,
        uses=1,
        **{"state": "running", "held_back_percent": 10, **fields},
    )


def drawn(discount, by, *, reached, held_back, bought, bought_held, days_ago=40):
    """So many who got it and who did not; of each so many bought ten days later."""
    at = timezone.now() - timedelta(days=days_ago)
    assignment = to_all(discount, by, held_back=held_back)
    people = crowd(reached + held_back)
    lots = [
        Drawn(discount=discount, assignment=assignment, customer=person, held_back=i >= reached, at=at)
        for i, person in enumerate(people)
    ]
    Drawn.objects.bulk_create(lots)
    for person in [*people[:bought], *people[reached : reached + bought_held]]:
        build.order(person, "30.00", at=days_ago - 10)
