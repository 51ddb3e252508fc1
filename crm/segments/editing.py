"""The form of one filter: what is chosen, what can be, and the rest of the question as hidden fields."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.facets import Facet
from crm.segments.address import Group, read_key
from crm.segments.chips import pairs
from crm.segments.conditions import UNKNOWN
from crm.segments.question import ME, Question

RANGES = ("number", "money", "date")


@dataclass(frozen=True)
class Edited:
    facet: Facet
    key: str
    negated: bool
    values: list[str]
    options: list[tuple[str, Any]]
    ranges: list[tuple[str, str]]
    kept: list[tuple[str, str]]

    @property
    def unknown(self) -> bool:
        return UNKNOWN in self.values

    @property
    def texts(self) -> list[str]:
        """One line for each value, and a free one."""
        return [*(value for value in self.values if value != UNKNOWN), ""]


def edited(question: Question, asked: str) -> Edited | None:
    """`asked` is the key of a filter, there already or not: city, 2.city.not."""
    found = read_key(asked)
    facet = question.facets.get(found[1]) if found else None
    if not found or not facet or not facet.askable:
        return None
    number, name, negated = found
    here = question.filter_at(number, name, negated)
    values = list(here.values) if here else []
    return Edited(
        facet,
        Group(number).key(name, False),
        negated,
        values,
        _options(question, facet),
        [*(_ends(value) for value in values if value != UNKNOWN), ("", "")] if facet.kind in RANGES else [],
        list(pairs(_without(question, number, name, negated))),
    )


def _options(question: Question, facet: Facet) -> list[tuple[str, Any]]:
    if facet.kind not in ("choice", "yes_no"):
        return []
    mine = [(ME, _("me"))] if facet.people else []
    unknown = [(UNKNOWN, pgettext("value", "not known"))] if facet.blank else []
    return [*mine, *question.options(facet.name).items(), *unknown]


def _ends(value: str) -> tuple[str, str]:
    low, dots, high = value.partition("..")
    return low, high if dots else low


def _without(question: Question, number: int, name: str, negated: bool) -> Question:
    groups = tuple(
        replace(group, filters=tuple(one for one in group.filters if (one.name, one.negated) != (name, negated)))
        if group.number == number
        else group
        for group in question.groups
    )
    return replace(question, groups=groups, place=None)
