"""What can be asked about a customer. The table is config/facets.py; list, columns, sort and segments read it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from shop.models import User

KINDS = ("text", "number", "money", "date", "choice", "yes_no")


class Asker(Protocol):
    """Somebody with rights: a member of staff, or an API key."""

    pk: Any

    def may(self, right: str) -> bool: ...


@dataclass(frozen=True)
class Facet:
    """`expression` over Customer, or a function that makes one when it depends on today.

    Sortable when `order_index` names the index that serves `order` (or the expression), then the key of `join`.
    `choices`: pairs, or a function that makes them. `tones`: value -> good, warn or bad, drawn as a dot.
    `people`: the choices are staff; "me" then means whoever asks.
    `many`: one customer has several of the choices; the expression gives a list, `condition` answers every value.
    `moment`: the expression is a point of time, asked about by days of the shop.
    `condition`: what a value means in columns that have an index, where the expression has none; it gets "-" for
    "not known" when the facet is `blank`. None: the expression decides.
    `among`: for a value, the ids of some of whom everybody with it is one, when those are found by an index and the
    condition has to be looked up customer by customer. Used where all are gathered, not where a page is walked to.
    `asked`: what conditions are about when it is not what is shown; for a text in lower case, with trigrams of it.
    A condition finds it, or else the expression, under the name ask_NAME. `askable`: only shown, when it is not.
    `column`: stands in the list until somebody chooses their columns. `shown_as`: the kind by which a cell is drawn.
    `on_phone`: left, right or lead; the rest is not shown there.
    """

    name: str
    label: Any
    kind: str
    expression: Any
    join: str = ""
    order_index: str = ""
    right: str = "customers.view"
    choices: Callable[[], list[tuple[str, Any]]] | list[tuple[str, Any]] | None = None
    column: bool = True
    order: Any = None
    blank: bool = False
    moment: bool = False
    on_phone: str = "rest"
    tones: Mapping[Any, str] = field(default_factory=dict)
    condition: Callable[[str], Q | None] | None = None
    among: Callable[[str], Any] | None = None
    people: bool = False
    many: bool = False
    shown_as: str = ""
    askable: bool = True
    asked: Any = None

    @property
    def resolved(self) -> Any:
        return self.expression() if callable(self.expression) else self.expression

    @property
    def asked_about(self) -> Any:
        return self.asked if self.asked is not None else self.resolved

    @property
    def sort_key(self) -> Any:
        return self.order if self.order is not None else self.resolved

    @property
    def sortable(self) -> bool:
        return bool(self.order_index)

    @property
    def may_be_unknown(self) -> bool:
        return self.blank or bool(self.join)

    @property
    def row_key(self) -> str:
        """The key beside the sorted value: of the joined table, so that its own index serves the order."""
        return f"{self.join}__pk" if self.join else "pk"

    @property
    def is_figure(self) -> bool:
        return self.kind in ("number", "money")

    def options(self) -> list[tuple[str, Any]]:
        if self.kind == "yes_no":
            return [("yes", _("yes")), ("no", _("no"))]
        return list(self.choices() if callable(self.choices) else self.choices or [])


Entry = Facet | Callable[[], Iterable[Facet]]


@cache
def _table() -> tuple[Entry, ...]:
    return tuple(import_string(settings.FACETS))


def all_facets() -> dict[str, Facet]:
    """By name. An entry of the table may be a function: what a shop defined for itself is asked for anew."""
    facets: dict[str, Facet] = {}
    for entry in _table():
        for facet in [entry] if isinstance(entry, Facet) else entry():
            facets.setdefault(facet.name, facet)
    return facets


@cache
def joins() -> frozenset[str]:
    """The tables beside the customer's that facets of the table read."""
    return frozenset(entry.join for entry in _table() if isinstance(entry, Facet) and entry.join)


def facets_for(asker: Asker) -> dict[str, Facet]:
    return {name: facet for name, facet in all_facets().items() if asker.may(facet.right)}


def built_in(names: Iterable[str], asker: Asker) -> dict[str, Facet]:
    """Those of the table itself, for which nothing has to be asked."""
    found = {entry.name: entry for entry in _table() if isinstance(entry, Facet)}
    return {name: found[name] for name in names if name in found and asker.may(found[name].right)}


def of_every_shop() -> list[Facet]:
    return [entry for entry in _table() if isinstance(entry, Facet)]


def staff_choices() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in User.objects.order_by("name", "pk").values_list("pk", "name")]
