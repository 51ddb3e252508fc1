"""What a file may hold. settings.IMPORT_KINDS names the kinds; a room that brings one adds its name there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from crm.imports.columns import Mapping
    from crm.imports.in_parts import Step
    from crm.models import Import

Cells: TypeAlias = Sequence[str]
Read: TypeAlias = Callable[[Cells], Sequence[Any]]
Say: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Field:
    """A column we know: what we call it, and what others call it, squeezed."""

    label: Any
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staged:
    """A column of the file as it is read: its field, the column of the staging table, and how."""

    field: str
    column: str
    read: Read


@dataclass(frozen=True)
class Change:
    """One row that would change: what it is, and (label, old, new) of what is different in it."""

    what: str
    badge: Any
    fields: list[tuple[Any, str, str]]


@dataclass(frozen=True)
class Kind:
    """`needed`: of each group one column at least. `staging`: the columns of the staging table.

    `left_out` says for each row why it is left out on purpose, or nothing. `match` compares with what is here,
    inside a transaction, and returns counts (create, change, same, …; more of them for a preview, its last
    argument); `write` brings in what was matched and returns what it wrote. `created`, `stats` and `changes` word
    a report.
    """

    name: str
    label: Any
    lead: Any
    hint: Any
    fields: Callable[[], dict[str, Field]]
    needed: tuple[tuple[str, ...], ...]
    told_by: tuple[str, ...]  # a file with one of these columns is of this kind, whatever else it lacks
    dates: tuple[str, ...]
    numbers: tuple[str, ...]
    staging: Callable[["Mapping"], str]
    staged: Callable[["Mapping", date], Iterable[Staged]]
    left_out: Callable[["Mapping", Sequence[list[str]]], list[str]]
    match: Callable[["Import", "Mapping", bool], dict[str, Any]]
    write: Callable[["Import", "Mapping", dict[str, Any], Say], dict[str, Any]]
    steps: tuple[str, ...]
    found_by_matching: tuple[str, ...]
    created: Callable[[dict[str, Any], bool], str]
    stats: Callable[[dict[str, Any], bool], list[tuple[str, int]]]
    changes: Callable[[dict[str, Any]], list[Change]]
    undo: Callable[["Import", Any], Any]  # inside a transaction; returns an Outcome
    fresh: tuple[str, ...]  # tables the planner should look at anew after many rows
    # Of a large import what it made goes in parts before `undo`: (model, takes some of its rows away) each.
    steps_back: tuple["Step", ...] = ()

    @property
    def columns(self) -> list[tuple[str, Any, bool]]:
        """(name, label, whether it is needed)."""
        one_of = {name for group in self.needed for name in group}
        return [(name, field.label, name in one_of) for name, field in self.fields().items()]


@cache
def all_kinds() -> dict[str, Kind]:
    found = [import_string(path) for path in settings.IMPORT_KINDS]
    return {kind.name: kind for kind in found}


def kind_named(name: str) -> Kind:
    return all_kinds()[name]


def labelled(name: str) -> Any:
    known = all_kinds().get(name)
    return known.label if known else name
