"""A question about customers, as an address says it: words to search, facets with values, an order, a place in it."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.facets import Facet, facets_for
from crm.models import Customer
from crm.segments import place
from crm.segments.conditions import LONGEST, Unclear, condition, worded
from crm.segments.place import Place
from crm.segments.search import find_ids
from shop.models import User

DEFAULT_SORT = "name"
SIZES = (25, 50)

RELEVANCE = Facet("relevance", "", "number", None, order_index="search", column=False)


@dataclass(frozen=True)
class Chip:
    facet: Facet
    values: list[str]
    words: list[str]
    off: str


@dataclass(frozen=True)
class Question:
    facets: dict[str, Facet]
    q: str = ""
    asked: dict[str, list[str]] = field(default_factory=dict)
    sort: str = ""
    size: int = SIZES[0]
    place: Place | None = None
    problems: list[str] = field(default_factory=list)
    readable: bool = True

    @classmethod
    def read(cls, address: QueryDict, user: User) -> "Question":
        facets = facets_for(user)
        question = cls(
            facets,
            asked={name: values for name in facets if (values := [v for v in address.getlist(name) if v])},
            size=SIZES[1] if address.get("size") == str(SIZES[1]) else SIZES[0],
        )
        q, sort = address.get("q", "").strip(), address.get("sort", "")
        if len(q) > LONGEST or not q.isprintable():
            question.problems.append(_("These words cannot be looked for. A name, a number or an address will do."))
            q = "".join(c for c in q if c.isprintable())[:LONGEST]
            question = replace(question, readable=False)
        if sort and not _sortable(facets, sort):
            question.problems.append(_("The list cannot be sorted by that; it is sorted by name."))
            sort = ""
        question = replace(question, q=q, sort=sort)
        return replace(question, place=question._read_place(address))

    def _read_place(self, address: QueryDict) -> Place | None:
        for name in ("after", "before"):
            if address.get(name):
                found = place.read(str(address[name]), self.sort_name, backwards=name == "before")
                if not found:
                    self.problems.append(_("This page of the list is gone; here is the first one."))
                return found
        return None

    @property
    def sort_name(self) -> str:
        return self.sort or ("relevance" if self.q else DEFAULT_SORT)

    @property
    def sort_facet(self) -> Facet:
        return RELEVANCE if self.sort_name == "relevance" else self.facets[self.sort_name.lstrip("-")]

    @property
    def descending(self) -> bool:
        return self.sort_name.startswith("-")

    @cached_property
    def found(self) -> list[int]:
        """Ids that the words find, the likeliest first."""
        return find_ids(self.q)

    @cached_property
    def customers(self) -> QuerySet[Customer]:
        """All who answer to the question, unsorted. Values that cannot be read find nobody and are said."""
        customers = Customer.objects.present()
        if not self.readable:
            return customers.none()
        if self.q:
            customers = customers.filter(pk__in=self.found)
        for name, values in self.asked.items():
            facet = self.facets[name]
            try:
                met = condition(facet, values, f"ask_{name}")
            except Unclear as unclear:
                self.problems.append(str(unclear))
                return customers.none()
            customers = customers.alias(**{f"ask_{name}": facet.resolved}).filter(met)
        return customers

    @property
    def sort_expression(self) -> Any:
        if self.sort_facet is RELEVANCE:
            return Func(self._ranked, F("pk"), function="array_position", output_field=IntegerField())
        return self.sort_facet.sort_key

    @property
    def _ranked(self) -> Value:
        return Value(self.found if self.readable else [], output_field=ArrayField(BigIntegerField()))

    def mark(self, customer: Any) -> str:
        return place.written(self.sort_name, customer.sort_value, customer.pk)

    @cached_property
    def chips(self) -> list[Chip]:
        chips = []
        for name, values in self.asked.items():
            facet = self.facets[name]
            labels = dict(facet.options()) if facet.kind in ("choice", "yes_no") else {}
            try:
                words = [worded(facet, value, labels) for value in values]
            except ValueError:
                words = values
            chips.append(Chip(facet, values, words, off=self.address(without=name)))
        return chips

    def address(self, *, without: str = "", **more: str) -> str:
        """The query string of this question, without one facet, or with another order or place."""
        pairs = [("q", self.q), ("sort", self.sort), ("size", str(self.size) if self.size != SIZES[0] else "")]
        kept = {name: value for name, value in pairs if name not in more} | more
        asked = [(name, value) for name, values in self.asked.items() if name != without for value in values]
        return urlencode([*((name, value) for name, value in kept.items() if value), *asked])

    @property
    def is_open(self) -> bool:
        """Nothing is asked: everybody."""
        return not self.q and not self.asked


def _sortable(facets: dict[str, Facet], sort: str) -> bool:
    facet = facets.get(sort.removeprefix("-"))
    return bool(facet and facet.sortable)
