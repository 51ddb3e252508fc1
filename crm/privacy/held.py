"""Everything the database holds about customers, asked of the model registry: which tables, and whose the rows are.

A table holds something about customers when it points at a customer, at an order, or at a row of such a table.
What copy and erase do with it stands in config/policies.py; a table without a line there is a mistake, unless it
points at another's row only and holds no text: then it stays with that row, or goes with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.module_loading import import_string

from crm.models import Customer, Order
from crm.policies import Rule, pointing_at, read

TEXT = (models.CharField, models.TextField, models.JSONField, models.FileField, models.GenericIPAddressField)

ROWS_OF_ROWS = {"copy": "leave out", "erase": "keep"}


@dataclass(frozen=True)
class Held:
    """One way from a table to the customer its rows are about, and what becomes of them."""

    model: Any
    path: str  # "customer", "order__customer": from a row to the customer
    copy: Rule
    erase: Rule
    first: bool = True  # the shortest way of this table; the others add the rows it does not reach

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def field(self) -> str:
        return self.path.partition("__")[0]

    @property
    def emptied(self) -> set[str]:
        """Fields of rows that stay and say nothing afterwards."""
        return set(self.erase.function.empties if self.erase.word == "by" else self.erase.names)

    def rows(self, cards: Iterable[int]) -> Any:
        rows = self.model._base_manager.filter(**{f"{self.path}__in": list(cards)})
        if self.first:
            return rows
        shortest = next(held for held in everything() if held.model is self.model and held.first)
        return rows.exclude(pk__in=shortest.rows(cards).values("pk"))


@cache
def everything() -> tuple[Held, ...]:
    """The farthest from the customer first: in this order rows can be deleted."""
    found = [_held(model, field, field.name) for model, field in _pointing(Customer)]
    found += [_held(model, field, f"{field.name}__customer") for model, field in _pointing(Order)]
    reached = {Customer, Order, *(held.model for held in found)}
    layer = [held for held in found if held.model is not Order]
    while layer:
        layer = [
            _held(model, field, f"{field.name}__{held.path}")
            for held in layer
            for model, field in _pointing(held.model)
            if model not in reached or _other_way(model, field, found)
        ]
        found += layer
        reached |= {held.model for held in layer}
    return tuple(sorted(_with_shortest(found), key=lambda held: (-held.path.count("__"), held.label)))


def _other_way(model: Any, field: Any, found: list[Held]) -> bool:
    """A table whose rows do not all hang on an order has a line for what else they hang on."""
    label = f"{model._meta.label}.{field.name}"
    return label in import_string(settings.POLICIES) and all(label != f"{one.label}.{one.field}" for one in found)


def _pointing(target: Any) -> list[Any]:
    """Cards that were merged into another are erased with it; they are no table of their own."""
    return [(model, field) for model, field in pointing_at(target) if model is not Customer]


def _held(model: Any, field: Any, path: str) -> Held:
    """A text is looked for here, so that no table of rows of rows keeps one unseen."""
    label = f"{model._meta.label}.{field.name}"
    table = import_string(settings.POLICIES)
    rules = table.get(label)
    if rules is None:
        if "__" not in path or text_fields(model):
            raise ImproperlyConfigured(f"{label} has no line in config/policies.py")
        rules = ROWS_OF_ROWS
    return Held(model, path, read("copy", rules["copy"]), read("erase", rules["erase"]))


def _with_shortest(found: list[Held]) -> list[Held]:
    seen: set[Any] = set()
    marked = []
    for held in sorted(found, key=lambda held: held.path.count("__")):
        marked.append(Held(held.model, held.path, held.copy, held.erase, first=held.model not in seen))
        seen.add(held.model)
    return marked


def text_fields(model: Any) -> set[str]:
    """Fields in which somebody may have typed something about a person."""
    return {
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, TEXT) and not field.choices and not isinstance(field, models.GeneratedField)
    }


def plain_text() -> dict[str, tuple[str, ...]]:
    """Text that holds nothing personal and stays when its row does, by model (config/policies.py)."""
    return import_string(settings.PLAIN_TEXT)


def free_text() -> dict[str, tuple[str, ...]]:
    """Text in which other people may be named, by model (config/policies.py)."""
    return import_string(settings.FREE_TEXT)


def paths_of_files() -> dict[str, str]:
    """The field that names a file below MEDIA_ROOT, by model (config/policies.py): the file goes with the row."""
    return import_string(settings.FILES_OF_ROWS)
