"""A question as the page draws it: groups of chips, each with the addresses that change it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from crm.facets import Facet
from crm.segments.address import Filter, Group
from crm.segments.conditions import worded
from crm.segments.question import ME, Question

MOST_GROUPS = 9


@dataclass(frozen=True)
class Chip:
    """One filter: what it says, where it is edited, and the list without it."""

    facet: Facet
    key: str
    negated: bool
    words: list[str]
    edit: str
    off: str
    unread: bool


@dataclass(frozen=True)
class Drawn:
    """One group: its chips, and the addresses that turn all into any and add a filter."""

    number: int
    any: bool
    chips: list[Chip]
    turned: str
    without: str
    more: list[tuple[str, Any]]


def drawn(question: Question) -> list[Drawn]:
    """At least one group, so that a first filter has a place."""
    return [_group(question, group) for group in question.groups or (Group(1),)]


def hidden(question: Question) -> list[tuple[str, str]]:
    """The filters as hidden fields of the search."""
    return [(key, value) for key, value in pairs(question) if key not in ("q", "size")]


def pairs(question: Question) -> Iterator[tuple[str, str]]:
    from django.http import QueryDict

    for key, values in QueryDict(question.address()).lists():
        for value in values:
            yield key, value


def new_group(question: Question) -> list[tuple[str, Any]]:
    """The facets with which a further group can begin; none while there is no first one."""
    used = {group.number for group in question.groups}
    free = next((number for number in range(1, MOST_GROUPS + 1) if number not in used), None)
    if not question.groups or free is None:
        return []
    return [(question.address(edit=f"{free}.{facet.name}"), facet.label) for facet in _askable(question)]


def turned_groups(question: Question) -> str:
    return replace(question, any_group=not question.any_group, place=None).address()


def _group(question: Question, group: Group) -> Drawn:
    rest = tuple(other for other in question.groups if other is not group)
    turned = tuple(replace(one, any=not one.any) if one is group else one for one in question.groups)
    return Drawn(
        group.number,
        group.any,
        [_chip(question, group, one) for one in group.filters],
        replace(question, groups=turned, place=None).address(),
        replace(question, groups=rest, place=None).address(),
        [(question.address(edit=group.key(facet.name, False)), facet.label) for facet in _askable(question)],
    )


def _askable(question: Question) -> list[Facet]:
    return [facet for facet in question.facets.values() if facet.askable]


def _chip(question: Question, group: Group, one: Filter) -> Chip:
    facet, key = question.facets[one.name], group.key(one.name, one.negated)
    left = replace(group, filters=tuple(other for other in group.filters if other is not one))
    groups = tuple(left if other is group else other for other in question.groups if other is not group or left.filters)
    return Chip(
        facet,
        key,
        one.negated,
        _words(question, facet, one),
        question.address(edit=key),
        replace(question, groups=groups, place=None).address(),
        (group.number, one.name, one.negated) in question.met.unread,
    )


def _words(question: Question, facet: Facet, one: Filter) -> list[str]:
    labels = question.options(facet.name) if facet.kind in ("choice", "yes_no") else {}
    if facet.people:
        labels = {ME: _("me"), **labels}
    try:
        return [worded(facet, value, labels) for value in one.values]
    except ValueError:
        return list(one.values)
