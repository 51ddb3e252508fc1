"""Discounts, grants and baskets for the tests."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crm.models import Customer
from loyalty.discounts.basket import Basket, Line, Offer
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.offers import offers_for
from loyalty.discounts.pricing import price
from loyalty.models import Budget, Discount, Grant, Redemption

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
