"""What the doors of the till read."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import AmountField, QuantityField, Strict, rows, source_name, text
from crm.api.inputs import ContactInput, amount
from crm.models import Customer
from loyalty.till import finding
from loyalty.till.asked import Asked, Contact, Item

MOST_LINES = 500
MOST_CODES = 10
MOST_POINTS = 10**12


class ItemInput(Strict):
    example = {"sku": "tea-50", "name": "Green tea", "category": "tea", "quantity": 2, "unit_price": "9.45"}
    sku = text(64)
    name = text(200)
    category = text(120)
    quantity = QuantityField(required=False, default=Decimal(1))
    unit_price = amount(required=True, default=serializers.empty)

    def validate_quantity(self, quantity: Decimal) -> Decimal:
        if not quantity:
            raise serializers.ValidationError(_("At least one, or a part of one."))
        return quantity

    def validate(self, item: dict[str, Any]) -> dict[str, Any]:
        if item["quantity"] * item["unit_price"] >= 10**12:
            raise serializers.ValidationError({"unit_price": [_("The line is too expensive.")]})
        return item


class PersonInput(ContactInput):
    """`id`, or how they are known. Who is not known yet is a guest until the order comes."""

    id = serializers.IntegerField(required=False, min_value=1, max_value=2**62)

    def validate(self, person: dict[str, Any]) -> dict[str, Any]:
        person = super().validate(person)
        if not person.get("id") and not Contact(**person).is_known:
            raise serializers.ValidationError(_("Say who it is: id, external_id, card, email or phone."))
        return person


class QuoteInput(Strict):
    example = {
        "customer": {"email": "dora@people.example"},
        "lines": [ItemInput.example],
        "shipping": "2.50",
        "use_points": 0,
        "codes": ["WELC-OME2-345"],
    }
    says = {
        "code": "Instead of a customer: what they show, the number of their card.",
        "shipping": "What it costs before discounts.",
        "use_points": "How many points the customer wants to pay with.",
        "codes": "Codes of discounts; capitals and dashes do not matter.",
        "reference": "Of the order; a quote minds the order's own hold.",
    }
    source = source_name()
    reference = serializers.CharField(max_length=64, required=False, default="")
    customer = PersonInput(required=False, allow_null=True, default=None)
    code = text(254)
    lines = rows(ItemInput, most=MOST_LINES, allow_empty=False)
    shipping = amount()
    use_points = serializers.IntegerField(required=False, default=0, min_value=0, max_value=MOST_POINTS)
    codes = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, default=list, max_length=MOST_CODES
    )

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if told["customer"] and told["code"]:
            raise serializers.ValidationError({"code": [_("Either customer or code.")]})
        return told

    def asked(self) -> Asked:
        told = self.validated_data
        customer, contact = self._who(told["source"])
        return Asked(
            items=tuple(Item(**line) for line in told["lines"]),
            source=told["source"],
            reference=told["reference"],
            customer=customer,
            contact=contact,
            shipping=told["shipping"],
            points=told["use_points"],
            codes=tuple(told["codes"]),
        )

    def _who(self, source: str) -> tuple[Customer | None, Contact]:
        told = self.validated_data
        if told["code"]:
            return _found(finding.with_code(told["code"]), "code"), Contact()
        person = dict(told["customer"] or {})
        if pk := person.pop("id", None):
            return _found(finding.with_number(pk), "customer"), Contact()
        contact = Contact(**person)
        return (finding.with_contact(contact, source), contact) if contact.is_known else (None, contact)


def _found(customer: Customer | None, name: str) -> Customer:
    if customer is None:
        raise serializers.ValidationError({name: [_("There is no such customer.")]})
    return customer


class HoldInput(QuoteInput):
    example = {
        "reference": "1002",
        "customer": {"email": "dora@people.example"},
        "total": "18.90",
        "lines": [ItemInput.example],
    }
    says = {
        **QuoteInput.says,
        "total": "What the customer was shown; when it is not the price any more, it is refused.",
    }
    reference = serializers.CharField(max_length=64)
    total = AmountField(required=False, allow_null=True, default=None)


class CommitInput(Strict):
    example = {"points": 100}
    says = {"points": "Fewer than were put aside; left out: all of them."}
    points = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class BackInput(Strict):
    position = serializers.IntegerField(required=False, min_value=1, max_value=10**6)
    sku = text(64)
    quantity = QuantityField(required=False, allow_null=True, default=None)

    def validate(self, line: dict[str, Any]) -> dict[str, Any]:
        if ("position" in line) == bool(line["sku"]):
            raise serializers.ValidationError(_("Name the line by position or by sku."))
        return line


class ReturnInput(Strict):
    example = {"reference": "1002", "lines": [{"sku": "tea-50", "quantity": 1}]}
    says = {"lines": "Left out: all that is left comes back, also the shipping.", "note": "Kept with the refund."}
    source = source_name()
    reference = serializers.CharField(max_length=64)
    lines = rows(BackInput, most=MOST_LINES, required=False, allow_null=True, default=None)
    shipping = serializers.BooleanField(required=False, default=False)
    note = text(200)
