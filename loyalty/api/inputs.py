"""What the doors of the till read."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import AmountField, QuantityField, Strict, source_name, text
from crm.api.inputs import ContactInput, amount
from crm.models import Customer
from loyalty.till import finding
from loyalty.till.asked import Asked, Contact, Item

MOST_LINES = 500
MOST_CODES = 10
MOST_POINTS = 10**12


class ItemInput(Strict):
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
    source = source_name()
    reference = serializers.CharField(max_length=64, required=False, default="")
    customer = PersonInput(required=False, allow_null=True, default=None)
    code = text(254)
    lines = ItemInput(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]
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
    reference = serializers.CharField(max_length=64)
    total = AmountField(required=False, allow_null=True, default=None)


class CommitInput(Strict):
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
    source = source_name()
    reference = serializers.CharField(max_length=64)
    lines = BackInput(many=True, required=False, allow_null=True, default=None, max_length=MOST_LINES)  # type: ignore[call-arg]
    shipping = serializers.BooleanField(required=False, default=False)
    note = text(200)
