"""What merge, copy and erase do with every model that points at a customer or an order.

The table is config/policies.py; which models point is asked of the model registry, never listed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.module_loading import import_string

# What each verb knows; those with names after a colon are marked so.
WORDS: dict[str, dict[str, bool]] = {
    "merge": {"move": False, "fold": True, "pairs": True, "keep": False, "blank": True, "delete": False},
    "copy": {"whole": False, "leave out": False, "fields": True},
    "erase": {"keep": False, "delete": False, "blank": True, "by": True},
}


@dataclass(frozen=True)
class Rule:
    """`blank: title, body` is Rule("blank", ("title", "body")); `fold: crm.x.y` is Rule("fold", ("crm.x.y",))."""

    word: str
    names: tuple[str, ...] = ()

    @property
    def function(self) -> Any:
        """The one that a `fold`, a `by` or a `pairs` names."""
        return import_string(self.names[0])

    @property
    def way_back(self) -> Any:
        """What takes `pairs` apart again."""
        return import_string(self.names[1])


@dataclass(frozen=True)
class Policy:
    """One field of one model, and what happens to its rows."""

    model: type[models.Model]
    field: models.Field
    merge: Rule
    copy: Rule
    erase: Rule

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"

    @property
    def rows(self) -> Any:
        """All rows of the model, also those its own manager leaves out."""
        return self.model._base_manager.all()

    def rows_of(self, *targets: Any) -> Any:
        """The rows that point at these customers or orders."""
        return self.rows.filter(**{f"{self.field.name}__in": targets})


def pointing_at(target: type[models.Model]) -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every model and field of the registry that points at a model: foreign keys, one-to-ones, tables between."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model is target:
                yield model, field


def policies(target: type[models.Model]) -> list[Policy]:
    """What to do with each of them. A model without a line in the table is a mistake, not something to pass over."""
    table = import_string(settings.POLICIES)
    found = []
    for model, field in pointing_at(target):
        label = f"{model._meta.label}.{field.name}"
        if label not in table:
            raise ImproperlyConfigured(f"{label} has no line in config/policies.py")
        found.append(Policy(model, field, **{verb: read(verb, table[label][verb]) for verb in WORDS}))
    return sorted(found, key=lambda policy: policy.label)


def read(verb: str, text: str) -> Rule:
    word, _colon, rest = text.partition(":")
    names = tuple(name.strip() for name in rest.split(",") if name.strip())
    if word not in WORDS[verb] or WORDS[verb][word] is not bool(names):
        raise ImproperlyConfigured(f"{verb}: {text!r} is none of {', '.join(WORDS[verb])}")
    return Rule(word, names)
