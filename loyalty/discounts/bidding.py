"""What one offer would take off what is left of a basket. All money here is whole minor units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from loyalty.discounts.basket import Basket, Goods, Line, Offer, Refused
from loyalty.discounts.rounding import major, minor, minor_at_most, part, split
from loyalty.discounts.why_not import BEATEN_BY, BELOW_MINIMUM, BUDGET_EMPTY, EXCLUDED_ITEMS

HUNDRED_PERCENT = 100_000  # in thousandths of a percent
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Bid:
    """`weights`: by which the value is split over the lines; none for the shipping."""

    offer: Offer
    desired: int
    value: int
    clipped: Literal["", "maximum", "goods", "budget"]
    weights: Sequence[int]

    @property
    def shares(self) -> list[int]:
        return split(self.value, self.weights)


class Sold:
    """Which lines sell a product, and which sell of a category."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.skus: dict[str, set[int]] = {}
        self.categories: dict[str, set[int]] = {}
        for i, line in enumerate(lines):
            self.skus.setdefault(line.sku, set()).add(i)
            self.categories.setdefault(line.category, set()).add(i)

    def found(self, skus: frozenset[str], categories: frozenset[str]) -> set[int]:
        by_sku = (self.skus.get(sku, NONE) for sku in skus)
        by_category = (self.categories.get(category, NONE) for category in categories)
        return set().union(*by_sku, *by_category)


@dataclass
class Shelf:
    """The basket while it is priced: what each line costs, and what is left of that after the lanes before."""

    basket: Basket
    sold: Sold
    full: list[int]
    shipping: int
    left: list[int]
    shipping_left: int
    budgets: dict[int, int] = field(default_factory=dict)
    eligible: dict[Goods, tuple[list[int], int]] = field(default_factory=dict)
    units: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, basket: Basket) -> "Shelf":
        full = [minor(line.unit_price * line.quantity, basket.currency) for line in basket.lines]
        shipping = minor(basket.shipping, basket.currency)
        one = Decimal(1)
        units = [minor(line.unit_price * min(line.quantity, one), basket.currency) for line in basket.lines]
        return cls(basket, Sold(basket.lines), full, shipping, list(full), shipping, units=units)

    def fresh(self) -> "Shelf":
        return replace(self, left=list(self.full), shipping_left=self.shipping, budgets={})

    def money(self, units: int) -> Decimal:
        return major(units, self.basket.currency)

    def take(self, bid: Bid) -> None:
        offer = bid.offer
        if offer.lane == "shipping":
            self.shipping_left -= bid.value
        else:
            for i, share in enumerate(bid.shares):
                self.left[i] -= share
        budget = self._budget_left(offer)
        if offer.budget is not None and budget is not None:
            self.budgets[offer.budget] = budget - bid.value

    def bid(self, offer: Offer, before: Bid | None) -> Bid | Refused:
        """Or why not. The minimum counts what the goods cost before any discount: no discount takes another away."""
        lines, bought = self._eligible(offer.goods)
        if bought <= 0 or (offer.lane == "shipping" and self.shipping <= 0):
            return Refused(offer, EXCLUDED_ITEMS)
        if offer.minimum and bought < (minimum := minor(offer.minimum, self.basket.currency)):
            return Refused(offer, BELOW_MINIMUM, missing=self.money(minimum - bought))
        desired, weights = self._desired(offer, lines)
        left = self.shipping_left if offer.lane == "shipping" else sum(weights)
        if desired <= 0 or left <= 0:
            return self._nothing(offer, before)
        value, clipped = self._clipped(offer, desired, left)
        if value <= 0:
            return Refused(offer, BUDGET_EMPTY) if clipped == "budget" else Refused(offer, EXCLUDED_ITEMS)
        return Bid(offer, desired, value, clipped, [0] * len(weights) if offer.lane == "shipping" else weights)

    def _eligible(self, goods: Goods) -> tuple[list[int], int]:
        """The lines a discount is for, in their order, and what they cost; found by what they sell, not asking each."""
        if goods not in self.eligible:
            found = set(range(len(self.full)))
            if goods.skus or goods.categories:
                found = self.sold.found(goods.skus, goods.categories)
            lines = sorted(found - self.sold.found(goods.not_skus, goods.not_categories))
            self.eligible[goods] = lines, sum(self.full[i] for i in lines)
        return self.eligible[goods]

    def _desired(self, offer: Offer, lines: Sequence[int]) -> tuple[int, list[int]]:
        """What the terms give, and by what it is split over the lines."""
        if offer.kind == "fixed_price":
            weights = self._down_to(offer.amount, lines)
            return sum(weights), weights
        if offer.kind == "free_item":
            weights = self._dearest(lines)
            return sum(weights), weights
        weights = [0] * len(self.left)
        for i in lines:
            weights[i] = self.left[i]
        base = self.shipping_left if offer.lane == "shipping" else sum(weights)
        if offer.kind == "percent":
            return part(base, int(offer.percent * 1000), HUNDRED_PERCENT), weights
        return base if offer.kind == "free_shipping" else minor(offer.amount, self.basket.currency), weights

    def _down_to(self, price: Decimal, lines: Sequence[int]) -> list[int]:
        weights = [0] * len(self.left)
        for i in lines:
            line = self.basket.lines[i]
            weights[i] = max(self.left[i] - minor(price * line.quantity, self.basket.currency), 0)
        return weights

    def _dearest(self, lines: Sequence[int]) -> list[int]:
        """One unit, the dearest of those the discount is for; of equal ones the first."""
        weights = [0] * len(self.left)
        worth = {i: min(self.units[i], self.left[i]) for i in lines}
        dearest = max(worth, key=lambda i: (worth[i], -i))
        weights[dearest] = worth[dearest]
        return weights

    def _clipped(self, offer: Offer, desired: int, left: int) -> tuple[int, Literal["", "maximum", "goods", "budget"]]:
        value = desired
        clipped: Literal["", "maximum", "goods", "budget"] = ""
        if value > left:
            value, clipped = left, "goods"
        if offer.maximum is not None and value > (most := minor(offer.maximum, self.basket.currency)):
            value, clipped = most, "maximum"
        budget = self._budget_left(offer)
        if budget is not None and value > budget:
            value, clipped = max(budget, 0), "budget"
        return value, clipped

    def _budget_left(self, offer: Offer) -> int | None:
        """None: as much as one likes."""
        if offer.budget is None or offer.budget_left is None:
            return None
        return self.budgets.get(offer.budget, minor_at_most(offer.budget_left, self.basket.currency))

    def _nothing(self, offer: Offer, before: Bid | None) -> Refused:
        """The lane before took all there was, or there never was anything."""
        if before is None:
            return Refused(offer, EXCLUDED_ITEMS)
        return Refused(offer, BEATEN_BY, by=before.offer, own=self.money(0), other=self.money(before.value))
