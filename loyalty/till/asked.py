"""What somebody wants to pay for, as plain values."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from crm.models import Customer
from loyalty.discounts.basket import Basket, Line
from loyalty.discounts.buyer import Buyer


@dataclass(frozen=True)
class Item:
    """A line of the basket."""

    sku: str
    category: str
    quantity: Decimal
    unit_price: Decimal
    name: str = ""


@dataclass(frozen=True)
class Contact:
    """How a guest is known: enough for "once a customer", and for a card when the order comes."""

    external_id: str = ""
    card: str = ""
    email: str = ""
    phone: str = ""
    given_name: str = ""
    family_name: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.external_id or self.card or self.email or self.phone)


@dataclass(frozen=True)
class Asked:
    """A basket, whose it is, and what they want to use. `customer` wins over `contact`; neither is a passer-by."""

    items: Sequence[Item]
    source: str
    reference: str = ""
    customer: Customer | None = None
    contact: Contact = Contact()
    shipping: Decimal = Decimal(0)
    points: int = 0
    codes: Sequence[str] = ()

    @property
    def buyer(self) -> Buyer:
        return Buyer.of(self.customer) if self.customer else self.guest

    @property
    def guest(self) -> Buyer:
        return Buyer.guest(email=self.contact.email, phone=self.contact.phone)

    def basket(self, currency: str) -> Basket:
        lines = tuple(Line(item.sku, item.category, item.quantity, item.unit_price) for item in self.items)
        return Basket(lines, self.shipping, currency)

    @property
    def digest(self) -> str:
        """The same for the same basket, however it was written."""
        told = {
            "customer": self.customer and self.customer.pk,
            "contact": asdict(self.contact),
            "items": [_plain(asdict(item)) for item in self.items],
            "shipping": _written(self.shipping),
            "points": self.points,
            "codes": sorted(self.codes),
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _plain(item: dict[str, object]) -> dict[str, object]:
    return {name: _written(value) if isinstance(value, Decimal) else value for name, value in item.items()}


def _written(number: Decimal) -> str:
    return format(number.normalize(), "f")
