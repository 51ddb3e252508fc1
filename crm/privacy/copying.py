"""Everything about one person, as data: for the file a program reads and for the page a person reads.

Which tables and which of their fields are in it stands in config/policies.py. Staff are not named in it, and
what belongs to other people is not in it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.models import Customer, Order
from crm.privacy.erasing import family
from crm.privacy.held import Held, everything
from shop.models import Setting

FORMAT = "regulars-copy-1"
# Of the card: what only the shop's own bookkeeping needs.
NOT_COPIED_OF_CARD = {"merged_into", "erased_at", "owner"}


@dataclass(frozen=True)
class Part:
    """The rows of one table: fields in their order, rows of values in the same order."""

    model: Any
    fields: list[models.Field]
    rows: list[tuple[Any, ...]]

    @property
    def name(self) -> str:
        return self.model._meta.label


@dataclass(frozen=True)
class Copy:
    made_at: datetime
    shop: str
    cards: Part
    parts: list[Part]

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "made_at": self.made_at,
            "shop": self.shop,
            "customer": _records(self.cards),
            "tables": {part.name: _records(part) for part in self.parts},
        }


def copy_of(customer: Customer) -> Copy:
    """As it is now: nothing of it is kept."""
    cards = family(customer.pk)
    found: dict[Any, Part] = {}
    for held in sorted(everything(), key=lambda held: held.path.count("__")):
        if held.copy.word != "leave out" and held.first:
            part = _part(held, cards)
            if part.rows:
                found[held.model] = part
    order = _order_of_tables()
    parts = sorted(found.values(), key=lambda part: order.index(part.name))
    return Copy(timezone.now(), Setting.get("shop.name"), _cards(cards), parts)


def _order_of_tables() -> list[str]:
    """As config/policies.py lists them."""
    return list(dict.fromkeys(line.rpartition(".")[0] for line in import_string(settings.POLICIES)))


def _cards(cards: list[int]) -> Part:
    fields = [one for one in Customer._meta.concrete_fields if _is_told(one) and one.name not in NOT_COPIED_OF_CARD]
    rows = Customer.objects.filter(pk__in=cards).order_by("merged_into", "pk")
    return Part(Customer, fields, list(rows.values_list(*(one.name for one in fields))))


def _part(held: Held, cards: list[int]) -> Part:
    fields = [one for one in held.model._meta.concrete_fields if _is_told(one) and one.name != held.field]
    if held.copy.word == "fields":
        fields = [one for one in fields if one.name in held.copy.names]
    return Part(held.model, fields, list(held.rows(cards).order_by("pk").values_list(*map(_as_told, fields))))


def _as_told(one: models.Field) -> str:
    """What a row points at by the name people know it by, where it has one."""
    if one.related_model is Order:
        return f"{one.name}__reference"
    named = one.related_model and any(each.name == "name" for each in one.related_model._meta.concrete_fields)
    return f"{one.name}__name" if named else one.name


def _is_told(one: models.Field) -> bool:
    """Not: numbers of rows, who of the staff it was, secrets in bytes, the other card."""
    if one.primary_key or isinstance(one, models.BinaryField):
        return False
    if one.related_model is None:
        return True
    return one.related_model is Order or one.related_model._meta.label not in (settings.AUTH_USER_MODEL, "crm.Customer")


def _records(part: Part) -> list[dict[str, Any]]:
    names = [one.name for one in part.fields]
    return [dict(zip(names, row, strict=True)) for row in part.rows]
