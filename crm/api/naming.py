"""Customers and orders by our number, or by what another program calls them: `shop:c-7`, `shop:1001`."""

import re
from typing import Any

from django.urls import register_converter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.models import Customer

NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
NAMED = re.compile(r"[A-Za-z0-9._-]{1,32}:.{1,254}", re.ASCII | re.DOTALL)


class CustomerConverter:
    """In an address; a slash in a name is written %2F in `?customer=`, and cannot be here."""

    regex = r"[0-9]{1,18}|[A-Za-z0-9._-]{1,32}:[^/]{1,254}"

    def to_python(self, value: str) -> int | str:
        return int(value) if NUMBER.fullmatch(value) else value

    def to_url(self, value: int | str) -> str:
        return str(value)


register_converter(CustomerConverter, "customer")


def number_of(text: str) -> int:
    """For a list of theirs; of somebody who is not known, it is empty."""
    if NUMBER.fullmatch(text):
        return int(text)
    if not NAMED.fullmatch(text):
        raise serializers.ValidationError({"customer": [_("Write a number, or source:number.")]})
    return Customer.objects.called(text).values_list("pk", flat=True).first() or 0


class NameField(serializers.Field):
    """A number of ours, or `source:…`."""

    default_error_messages = {"invalid": gettext_lazy("Write a number, or source:number.")}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**53:
            return data
        if isinstance(data, str) and NAMED.fullmatch(data):
            return data
        return self.fail("invalid")

    def to_representation(self, value: Any) -> Any:
        return value


def _named(example: str) -> dict[str, Any]:
    return {
        "oneOf": [
            {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
            {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,32}:.{1,254}$"},
        ],
        "examples": [7, example],
    }


@extend_schema_field(_named("shop:c-7"))
class CustomerField(NameField):
    pass


@extend_schema_field(_named("shop:1001"))
class OrderField(NameField):
    pass
