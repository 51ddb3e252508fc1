"""Lists of the API: by their numbers, 100 at a time, `next` is what to send as `after`."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

SIZE = 100
NUMBERS = ("customer", "after")


def query(request: Request, *names: str) -> dict[str, Any]:
    """What the address asks, each name once; another name is a mistake, not a wish."""
    given = request.query_params
    if unknown := sorted(set(given) - set(names)):
        raise serializers.ValidationError({name[:64]: [_("Unknown field.")] for name in unknown[:20]})
    asked: dict[str, Any] = dict(given.items())
    for name in NUMBERS:
        if name in asked:
            if not (asked[name].isascii() and asked[name].isdigit() and len(asked[name]) < 19):
                raise serializers.ValidationError({name: [_("Write a number.")]})
            asked[name] = int(asked[name])
    return asked


def page_of(rows: QuerySet[Any], asked: dict[str, Any], shown: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    if "after" in asked:
        rows = rows.filter(pk__gt=asked["after"])
    found = list(rows.order_by("pk")[: SIZE + 1])
    following = found[SIZE - 1].pk if len(found) > SIZE else None
    return {"results": [shown(row) for row in found[:SIZE]], "next": following}
