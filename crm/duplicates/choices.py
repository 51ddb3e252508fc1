"""Field by field: what the two cards say, and which of it the merged card takes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from crm.models import Customer, Event

# Not chosen: a customer since the earlier day, and an objection holds whichever card it was made on.
EARLIEST = ("created_at", "unprofiled_since")
NEVER = ("merged_into",)
CUSTOM = "custom"
LOOKED_THROUGH = 500  # edits of both cards, to tell the newer value


@dataclass(frozen=True)
class Choice:
    """One field with different values. `default`: whether the value of the card that goes is the better one."""

    name: str
    label: Any
    stays: Any
    goes: Any
    takes_goes: bool


EMPTY: tuple[Any, ...] = (None, "", [], {})


def fields() -> list[models.Field]:
    """Everything staff can set on a card, asked of the model: a field added tomorrow is merged too."""
    return [
        field
        for field in Customer._meta.concrete_fields
        if field.editable
        and not (field.primary_key or field.generated)
        and field.name not in (*EARLIEST, *NEVER, CUSTOM)
    ]


def choices(stays: Customer, goes: Customer) -> list[Choice]:
    """Only where the cards differ. Filled goes over empty, newer over older."""
    edited = edited_at(stays, goes)
    return [
        Choice(name, label, ours, theirs, _better(name, stays, goes, ours, theirs, edited))
        for name, label, ours, theirs in _differing(stays, goes)
    ]


def _differing(stays: Customer, goes: Customer) -> list[tuple[str, Any, Any, Any]]:
    named = [(f.name, f.verbose_name, getattr(stays, f.attname), getattr(goes, f.attname)) for f in fields()]
    ours, theirs = getattr(stays, CUSTOM, {}) or {}, getattr(goes, CUSTOM, {}) or {}
    keys = sorted({*ours, *theirs})
    named += [(f"{CUSTOM}__{key}", key, ours.get(key), theirs.get(key)) for key in keys]
    return [row for row in named if row[2] != row[3] and not (row[2] in EMPTY and row[3] in EMPTY)]


def _better(name: str, stays: Customer, goes: Customer, ours: Any, theirs: Any, edited: Any) -> bool:
    if ours in EMPTY or theirs in EMPTY:
        return ours in EMPTY
    if name == "source":  # how they came to the shop in the first place
        return goes.created_at < stays.created_at
    return edited.get((goes.pk, name), goes.created_at) > edited.get((stays.pk, name), stays.created_at)


def edited_at(*cards: Customer) -> dict[tuple[int, str], datetime]:
    """When each field of each card was last set by somebody."""
    edits = Event.objects.filter(customer__in=cards, kind="customer.edited").order_by("-at")
    last: dict[tuple[int, str], datetime] = {}
    for customer, at, data in edits.values_list("customer_id", "at", "data")[:LOOKED_THROUGH]:
        for name in data.get("changes", {}):
            last.setdefault((customer, name), at)
    return last


def take(stays: Customer, goes: Customer, names: set[str]) -> list[str]:
    """Set what was chosen from the card that goes, and what is not chosen. Returns the names of the columns set."""
    before = {field.attname: getattr(stays, field.attname) for field in Customer._meta.concrete_fields}
    for choice in choices(stays, goes):
        if choice.name in names:
            _set(stays, choice.name, choice.goes)
    for name in EARLIEST:
        known = [at for at in (getattr(stays, name), getattr(goes, name)) if at]
        setattr(stays, name, min(known, default=None))
    return [name for name, value in before.items() if getattr(stays, name) != value]


def _set(card: Customer, name: str, value: Any) -> None:
    key = name.removeprefix(f"{CUSTOM}__")
    if key != name:
        kept = {known: said for known, said in card.custom.items() if known != key}
        card.custom = kept if value in EMPTY else {**kept, key: value}
    else:
        field: Any = Customer._meta.get_field(name)
        setattr(card, field.attname, value)
