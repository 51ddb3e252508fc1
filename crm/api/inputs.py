"""What the doors of orders read."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import AmountField, MomentField, QuantityField, Strict, rows, source_name, text
from crm.models import Identifier, Order, OrderLine
from crm.models.incoming import IncomingOrder
from crm.models.known_by import KnownBy
from shop.currency import currency_in_force

MOST_LINES = 500
CENT = Decimal("0.001")
KNOWN_BY = {"external_id": "external", "card": "card", "email": "email", "phone": "phone"}  # the kind each is


def amount(**options: Any) -> AmountField:
    return AmountField(**{"required": False, "default": Decimal(0), **options})


class ContactInput(Strict):
    """How somebody is known, and what they are called."""

    says = {
        "external_id": "What your program calls them; of its `source`.",
        "card": "The number of their loyalty card.",
    }
    external_id = text(254)
    card = text(254)
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)
    phone = text(40)
    given_name = text(120)
    family_name = text(120)

    def validate_phone(self, phone: str) -> str:
        if phone and sum(c.isdigit() for c in phone) < 5:
            raise serializers.ValidationError(_("This is not a phone number."))
        return phone

    def validate(self, person: dict[str, Any]) -> dict[str, Any]:
        for name, kind in KNOWN_BY.items():
            if person[name] and not 0 < len(Identifier.normalise(kind, person[name])) <= 254:
                raise serializers.ValidationError({name: [_("This cannot be used as an identifier.")]})
        return person


class BuyerInput(ContactInput):
    example = {"external_id": "c-7", "email": "dora@people.example", "given_name": "Dora", "family_name": "Bell"}

    def validate(self, person: dict[str, Any]) -> dict[str, Any]:
        buyer = super().validate(person)
        if not any(buyer[name] for name in KNOWN_BY):
            raise serializers.ValidationError(_("Say who it is: external_id, card, email or phone."))
        return buyer


class LineInput(Strict):
    says = {
        "discount": "What went off this line.",
        "paid": "What was paid for it; left out: quantity times unit price, less the discount.",
        "cost": "What it cost the shop, for the margin.",
    }
    sku = text(64)
    name = text(200)
    category = text(120)
    quantity = QuantityField(required=False, default=Decimal(1))
    unit_price = amount()
    discount = amount()
    paid = AmountField(required=False)
    cost = AmountField(required=False, allow_null=True, default=None)

    def validate(self, line: dict[str, Any]) -> dict[str, Any]:
        if "paid" not in line:
            paid = line["quantity"] * line["unit_price"] - line["discount"]
            line["paid"] = max(paid, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
        if line["paid"] >= 10**15:
            raise serializers.ValidationError({"unit_price": [_("The line is too expensive.")]})
        return line


class OrderInput(Strict):
    example = {
        "source": "shop",
        "reference": "1001",
        "placed_at": "2026-03-01T10:00:00+01:00",
        "customer": BuyerInput.example,
        "goods": "18.90",
        "shipping": "2.50",
        "discount": "1.50",
        "tax": "3.15",
        "total": "19.90",
        "lines": [{"sku": "tea-50", "name": "Green tea", "quantity": 2, "unit_price": "9.45", "discount": "1.50"}],
    }
    says = {
        "source": "Whose reference it is. Use the one your import used.",
        "reference": "The number of the order there.",
        "placed_at": "Without an offset it is the shop's own time; not later than tomorrow.",
        "paid": "Whether it was paid when it was placed; an order counts from when it is paid.",
        "currency": "If sent, it must be the shop's.",
        "customer": "At least one thing the customer is known by.",
        "total": "What was to be paid, with the places of the shop's currency.",
        "channel": "Your own word, such as web or till.",
        "branch": "Your own word.",
        "staff": "Your own word for who sold it.",
        "lines": "Up to 500.",
    }
    source = source_name()
    reference = serializers.CharField(max_length=64)
    placed_at = MomentField()
    paid = serializers.BooleanField(required=False, default=True)
    paid_at = MomentField(required=False, allow_null=True, default=None)
    currency = serializers.CharField(required=False)
    customer = BuyerInput()
    goods = amount()
    discount = amount()
    shipping = amount()
    tax = amount()
    total = AmountField()
    channel = text(32)
    branch = text(64)
    staff = text(64)
    lines = rows(LineInput, most=MOST_LINES, required=False, default=list)

    def validate_currency(self, currency: str) -> str:
        if currency != currency_in_force():
            raise serializers.ValidationError(_("The shop counts in %s.") % currency_in_force())
        return currency

    def validate(self, order: dict[str, Any]) -> dict[str, Any]:
        if order["paid_at"] and not order["paid"]:
            raise serializers.ValidationError({"paid": [_("It has paid_at, so it is paid.")]})
        return order

    def incoming(self) -> IncomingOrder:
        told = dict(self.validated_data)
        buyer, lines, paid = told.pop("customer"), told.pop("lines"), told.pop("paid")
        told.pop("currency", None)
        told["paid_at"] = (told["paid_at"] or told["placed_at"]) if paid else None
        return IncomingOrder(
            order=Order(**told),
            buyer=KnownBy(source=told["source"], **buyer),
            lines=[OrderLine(**line) for line in lines],
        )


class RefundInput(Strict):
    example = {"amount": "5.00", "reference": "R-77"}
    says = {"reference": "Yours; each is used once.", "at": "Now, when left out."}
    amount = AmountField()
    reference = text(64)
    at = MomentField(required=False, allow_null=True, default=None)

    def validate_amount(self, amount: Decimal) -> Decimal:
        if not amount:
            raise serializers.ValidationError(_("Nothing would go back."))
        return amount


class PaymentInput(Strict):
    example = {"paid_at": "2026-03-02T09:30:00+01:00"}
    says = {"paid_at": "Now, when left out."}
    paid_at = MomentField(required=False, allow_null=True, default=None)


class NoInput(Strict):
    example: dict[str, Any] = {}
