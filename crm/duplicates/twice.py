"""Rows that a merged card would have twice, by the database's own rules about what is unique."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Exists, OuterRef, Q

from crm.policies import Policy


def twice(policy: Policy, stays: Any, goes: Any) -> set[int]:
    """Rows of the card that goes which the card that stays has already: one tag, one e-mail, one open flag."""
    name = policy.field.name
    found: set[int] = set()
    for others, condition in rules(policy.model, policy.field):
        same = {other: OuterRef(other) for other in others}
        there = policy.rows.filter(condition, **{name: stays}, **same)
        found.update(policy.rows.filter(condition, Exists(there), **{name: goes}).values_list("pk", flat=True))
    return found


def rules(model: type[models.Model], field: models.Field) -> Iterator[tuple[list[str], Q]]:
    """(the other fields, the condition) of every rule that says a customer may have such a row once."""
    if field.unique:
        yield [], Q()
    for names in model._meta.unique_together:
        if field.name in names:
            yield [other for other in names if other != field.name], Q()
    for rule in model._meta.total_unique_constraints + _conditional(model):
        if field.name in rule.fields:
            yield [other for other in rule.fields if other != field.name], rule.condition or Q()
        elif any(_names(expression, field.name) for expression in rule.expressions):
            raise ImproperlyConfigured(f"{rule.name}: fold {model._meta.label} by a function of its own")


def _conditional(model: type[models.Model]) -> list[models.UniqueConstraint]:
    unique = [rule for rule in model._meta.constraints if isinstance(rule, models.UniqueConstraint)]
    return [rule for rule in unique if rule not in model._meta.total_unique_constraints]


def _names(expression: Any, name: str) -> bool:
    if isinstance(expression, models.F):
        return str(getattr(expression, "name", "")) == name
    return any(_names(part, name) for part in expression.get_source_expressions())
