"""What each line of a basket is paid with, and how points are spread over lines: kept with a hold as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loyalty.discounts.basket import Priced, PricedLine
from loyalty.discounts.rounding import major, minor, split
from loyalty.till.asked import Item

ZERO = Decimal(0)


@dataclass(frozen=True)
class Paid:
    """One line: what it costs, less the discount, less what points pay."""

    item: Item
    full: Decimal
    discount: Decimal
    by_points: Decimal

    @property
    def total(self) -> Decimal:
        return self.full - self.discount

    @property
    def money(self) -> Decimal:
        return self.total - self.by_points

    def to_json(self) -> dict[str, str]:
        item = self.item
        return {
            "sku": item.sku,
            "name": item.name,
            "category": item.category,
            "quantity": str(item.quantity),
            "unit_price": str(item.unit_price),
            "full": str(self.full),
            "discount": str(self.discount),
            "by_points": str(self.by_points),
        }

    @classmethod
    def read(cls, row: dict[str, str]) -> "Paid":
        quantity, unit_price = Decimal(row["quantity"]), Decimal(row["unit_price"])
        item = Item(row["sku"], row["category"], quantity, unit_price, row["name"])
        return cls(item, *(Decimal(row[name]) for name in ("full", "discount", "by_points")))


@dataclass(frozen=True)
class Bill:
    """A priced basket as it is kept: its lines, the shipping, the sums."""

    lines: tuple[Paid, ...]
    shipping: Paid

    @classmethod
    def of(cls, priced: Priced, items: Sequence[Item]) -> "Bill":
        lines = tuple(_paid(item, line) for item, line in zip(items, priced.lines, strict=True))
        return cls(lines, _paid(Item("", "", Decimal(1), priced.shipping.full), priced.shipping))

    @property
    def parts(self) -> tuple[Paid, ...]:
        return (*self.lines, self.shipping)

    def sum(self, name: str) -> Decimal:
        return sum((getattr(part, name) for part in self.parts), ZERO)

    def to_json(self) -> dict[str, Any]:
        return {"lines": [line.to_json() for line in self.lines], "shipping": self.shipping.to_json()}

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Bill":
        return cls(tuple(Paid.read(row) for row in told["lines"]), Paid.read(told["shipping"]))

    def with_points(self, points: int, value: Decimal, currency: str) -> "Bill":
        """The same basket when only so many points pay: spread over it as the pricing does."""
        left = [minor(part.total, currency) for part in self.parts]
        shares = split(min(minor(points * value, currency), sum(left)), left)
        *lines, shipping = (
            Paid(part.item, part.full, part.discount, major(share, currency))
            for part, share in zip(self.parts, shares, strict=True)
        )
        return Bill(tuple(lines), shipping)


def _paid(item: Item, line: PricedLine) -> Paid:
    return Paid(item, line.full, line.discount, line.by_points)
