"""What is priced and what comes out, as plain values: nothing here knows the database."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Kind = Literal["percent", "amount", "free_item", "free_shipping", "fixed_price"]
Lane = Literal["item", "order", "shipping"]
LANES: tuple[Lane, ...] = ("item", "order", "shipping")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    category: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Basket:
    lines: tuple[Line, ...]
    shipping: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Goods:
    """Which products a discount is for. Empty: all; what is left out stays out."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    not_skus: frozenset[str] = frozenset()
    not_categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """A grant as the pricing sees it: its terms, and what stands in the way of using it now.

    `amount`: the money off, or the price of a unit when the kind is fixed_price. `uses_left`: None for any number.
    `for_anybody`: who has the code; when it is not `yours` all the same, nobody knows who you are.
    `budget_left` is shared by all offers with the same `budget`.
    """

    id: int
    version: int
    name: str
    kind: Kind
    lane: Lane
    percent: Decimal = ZERO
    amount: Decimal = ZERO
    goods: Goods = Goods()
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    exclusive: bool = False
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    yours: bool = True
    for_anybody: bool = False
    approved: bool = True
    paused: bool = False
    uses_left: int | None = None
    budget: int | None = None
    budget_left: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PointsToPay:
    """So many points the customer wants to pay with, and what one is worth."""

    points: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Applied:
    """`desired`: what the terms give; `amount`: what it comes to here. `clipped` says why that is less:
    maximum (of the discount), goods (there are no more), budget. `lines`: in the order of the basket."""

    offer: Offer
    desired: Decimal
    amount: Decimal
    clipped: Literal["", "maximum", "goods", "budget"]
    lines: tuple[Decimal, ...]
    shipping: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an offer was not applied; the codes are in loyalty/discounts/why_not.py.

    `missing`: what would have to be bought more. `at`: since when, or from when on. `own` against `other`: what it
    would have come to against what the better one (`by`) does, or the whole combination.
    """

    offer: Offer
    code: str
    missing: Decimal | None = None
    at: datetime | None = None
    by: Offer | None = None
    own: Decimal | None = None
    other: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    line: Line
    full: Decimal
    discount: Decimal
    by_points: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.full - self.discount


@dataclass(frozen=True, slots=True)
class Comparison:
    """An exclusive offer against the best that may be combined: both sums."""

    exclusive: Offer
    alone: Decimal
    combined: Decimal

    @property
    def alone_wins(self) -> bool:
        return self.alone > self.combined


@dataclass(frozen=True, slots=True)
class Priced:
    """`total` is what the basket costs; points pay a part of it, `to_pay` is the rest."""

    basket: Basket
    at: datetime
    lines: tuple[PricedLine, ...]
    shipping: PricedLine
    applied: tuple[Applied, ...] = ()
    refused: tuple[Refused, ...] = ()
    comparison: Comparison | None = None
    points: int = 0
    by_points: Decimal = field(default=ZERO)

    @property
    def full(self) -> Decimal:
        return sum((line.full for line in self.lines), self.shipping.full)

    @property
    def discount(self) -> Decimal:
        return sum((one.amount for one in self.applied), ZERO)

    @property
    def goods_total(self) -> Decimal:
        return sum((line.total for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.goods_total + self.shipping.total

    @property
    def to_pay(self) -> Decimal:
        return self.total - self.by_points
