"""How the API reads amounts, moments and texts."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from babel.numbers import get_currency_precision
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.utils.formatting import lazy_format
from rest_framework.utils.serializer_helpers import BindingDict

from crm.models.imports import SOURCE, SOURCE_SHAPE
from shop.currency import currency_in_force

_NUMBER = re.compile(r"\d{1,15}(\.\d+)?", re.ASCII)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Strict(serializers.Serializer):
    """Refuses fields it does not know: a misspelt name is a mistake, not a wish."""

    @property
    def fields(self) -> BindingDict:
        """Made once a process instead of for every request: reading changes nothing in them."""
        return _fields_of(type(self), getattr(self.root, "partial", False))

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({name[:64]: [_("Unknown field.")] for name in unknown[:20]})
        return super().to_internal_value(data)


@cache
def _fields_of(kind: type[Strict], partial: bool) -> BindingDict:
    """partial: what is not sent stays; each field asks whom it belongs to."""
    serializer = kind(partial=partial)
    fields = BindingDict(serializer)
    for name, field in serializer.get_fields().items():
        fields[name] = field
        _speak_to_each(field)
    return fields


def _speak_to_each(field: Any) -> None:
    """What DRF says of a length or a size is worded once; these fields are for readers of every language."""
    for validator in field.validators:
        said: Any = getattr(validator, "message", None)
        if isinstance(said, lazy_format):
            words: Any = said.format_string
            validator.message = format_lazy(words, *said.args, **said.kwargs)
    if child := getattr(field, "child", None):
        _speak_to_each(child)


_NUMBER_SCHEMA = {
    "oneOf": [
        {"type": "string", "pattern": r"^\d{1,15}(\.\d{1,3})?$"},
        {"type": "number", "minimum": 0, "exclusiveMaximum": 10**15},
    ],
    "examples": ["9.45"],
}


@extend_schema_field(_NUMBER_SCHEMA)
class NumberField(serializers.Field):
    """Not negative, written plainly, as a number or as a text; no more places than `digits`."""

    digits = 3
    default_error_messages = {
        "invalid": _("Write a number such as 12.50, without a sign."),
        "places": _("At most {digits} places after the point."),
    }

    def to_internal_value(self, data: Any) -> Decimal:
        plain = data.strip() if isinstance(data, str) else self._plain(data)
        if not _NUMBER.fullmatch(plain):
            self.fail("invalid")
        number = Decimal(plain)
        if number != round(number, self.places()):
            self.fail("places", digits=self.places())
        return number

    def places(self) -> int:
        return self.digits

    def to_representation(self, value: Decimal) -> str:
        return str(value)

    @staticmethod
    def _plain(data: Any) -> str:
        return format(data, "f") if isinstance(data, int | Decimal) and not isinstance(data, bool) else ""


class AmountField(NumberField):
    """Money of the shop, with the places of its currency."""

    def places(self) -> int:
        return min(get_currency_precision(currency_in_force()), 3)


class QuantityField(NumberField):
    def to_internal_value(self, data: Any) -> Decimal:
        number = super().to_internal_value(data)
        if number >= 10**9:
            self.fail("invalid")
        return number


class MomentField(serializers.DateTimeField):
    """ISO 8601; without an offset it is the shop's own time."""

    default_error_messages = {
        "invalid": _("Write a moment such as 2026-03-31T14:05:00+02:00."),
        "range": _("Between 1970 and tomorrow."),
        "skipped": _("The clocks of the shop skipped this hour; add the offset."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """An hour the clocks show twice is taken as the first; one they skip is a mistake."""
        if timezone.is_aware(value):
            return value
        moment = timezone.make_aware(value)
        if moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != value:
            self.fail("skipped")
        return moment

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid")
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("range")
        if not EARLIEST <= moment <= timezone.now() + timedelta(days=1):
            self.fail("range")
        return moment


def text(length: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(
        max_length=length, **{"required": False, "allow_blank": True, "default": "", **options}
    )


def rows(kind: Any, *, most: int, **options: Any) -> Any:  # what DRF makes of `many` is of another class
    """A list of objects, each read by `kind`."""
    return kind(many=True, max_length=most, **options)


def source_name() -> Any:  # of any type: what a serializer calls `source` itself is something else
    """Whose order and customer numbers these are."""
    return serializers.RegexField(SOURCE_SHAPE, required=False, default=SOURCE)
