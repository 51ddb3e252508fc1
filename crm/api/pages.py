"""Lists of the API: by their numbers, `limit` at a time, `next` is what to send as `cursor`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.api.fields import MomentField
from crm.api.naming import number_of
from shop.typed import number_in

SIZE = 100
MOST = 200
PAGED = ("cursor", "limit")


def query(request: Request, *names: str) -> dict[str, Any]:
    """What the address asks, each name once; another name is a mistake, not a wish."""
    given = request.query_params
    if unknown := sorted(set(given) - set(names)):
        raise serializers.ValidationError({name[:64]: [_("Unknown field.")] for name in unknown[:20]})
    asked: dict[str, Any] = dict(given.items())
    if "customer" in asked:
        asked["customer"] = number_of(asked["customer"])
    if "limit" in asked:
        asked["limit"] = limit(asked["limit"])
    return asked


def _number(name: str, text: str) -> int:
    number = number_in(text)
    if number is None:
        raise serializers.ValidationError({name: [_("Write a number.")]})
    return number


def limit(text: str) -> int:
    number = number_in(text, digits=4) or 0
    if not 1 <= number <= MOST:
        raise serializers.ValidationError({"limit": [_("A number from 1 to %(n)s.") % {"n": MOST}]})
    return number


def page_of(rows: QuerySet[Any], asked: dict[str, Any], shown: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    if "cursor" in asked:
        rows = rows.filter(pk__gt=_number("cursor", asked["cursor"]))
    size = asked.get("limit", SIZE)
    found = list(rows.order_by("pk")[: size + 1])
    following = str(found[size - 1].pk) if len(found) > size else None
    return {"results": [shown(row) for row in found[:size]], "next": following}


def moment_of(asked: dict[str, Any], name: str) -> datetime:
    """An address writes + as a space where it was not quoted."""
    field = MomentField()
    try:
        return field.to_internal_value(asked[name].replace(" ", "+"))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error
