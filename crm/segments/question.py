"""A question about customers, as an address says it: words to search, groups of filters, an order, a place in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, F, Func, IntegerField, Q, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.facets import Asker, Facet, all_facets, facets_for
from crm.models import Customer, Segment
from crm.segments import place
from crm.segments.address import MOST_FILTERS, Filter, Group, read_groups, read_key, write_groups
from crm.segments.conditions import LONGEST, Unclear, alias, condition
from crm.segments.place import Place
from crm.segments.search import find_ids
from shop.models import User
from shop.typed import number_in

DEFAULT_SORT = "name"
SIZES = (25, 50)
ME = "me"

RELEVANCE = Facet("relevance", "", "number", None, order_index="search", column=False)


class Among(Func):
    """One of these ids, told as one array: ten thousand of them one by one take longer to say than to find."""

    output_field = BooleanField()
    conditional = True
    template = "(%(expressions)s)"
    arg_joiner = " = ANY "

    def __init__(self, key: str, ids: Iterable[int]) -> None:
        told = Value(list(ids), output_field=ArrayField(BigIntegerField()))
        super().__init__(F(key), Func(told, template="(%(expressions)s)"))


class Met(NamedTuple):
    """The groups as one condition, what could not be read of them, and the filters that this leaves out."""

    condition: Q
    problems: list[str]
    unread: frozenset[tuple[int, str, bool]]


@dataclass(frozen=True)
class Question:
    """`view` is the saved view it began from; it says which tab is open and nothing about who is meant.

    `picked`: only these customers are meant, in the order of the question; its filters no longer matter.
    """

    facets: dict[str, Facet]
    q: str = ""
    groups: tuple[Group, ...] = ()
    any_group: bool = False
    sort: str = ""
    size: int = SIZES[0]
    place: Place | None = None
    view: str = ""
    said: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    picked: tuple[int, ...] | None = None
    asker: Asker | None = None
    _options: dict[str, dict[str, Any]] = field(default_factory=dict)
    _found: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def read(cls, address: QueryDict, asker: Asker) -> "Question":
        facets = facets_for(asker)
        address, strangers = _opened(address, asker)
        groups, unknown = _known(read_groups(address), facets)
        strangers += unknown
        said = [*strangers]
        q, sort, view = address.get("q", "").strip(), address.get("sort", ""), address.get("view", "")
        if len(q) > LONGEST or not q.isprintable():
            strangers.append(_("These words cannot be looked for. A name, a number or an address will do."))
            said.append(strangers[-1])
            q = ""
        if sort and not _sortable(facets, sort):
            said.append(_("The list cannot be sorted by that; it is sorted by name."))
            sort = ""
        question = cls(
            facets,
            q=q,
            groups=tuple(groups),
            any_group=address.get("groups") == "any",
            sort=sort,
            size=SIZES[1] if address.get("size") == str(SIZES[1]) else SIZES[0],
            view=view if number_in(view) is not None else "",
            strangers=tuple(strangers),
            asker=asker,
        )
        return question._at_its_place(address, said)

    def _at_its_place(self, address: QueryDict, said: list[str]) -> "Question":
        found = None
        for name in ("after", "before"):
            if address.get(name) and not found:
                found = place.read(str(address[name]), self.sort_name, backwards=name == "before")
                if not found:
                    said.append(_("This page of the list is gone; here is the first one."))
        return replace(self, place=found, said=tuple(said))

    # ---- In which order ---------------------------------------------------------------------------
    @property
    def sort_name(self) -> str:
        return self.sort or ("relevance" if self.q else DEFAULT_SORT)

    @property
    def sort_facet(self) -> Facet:
        return RELEVANCE if self.sort_name == "relevance" else self.facets[self.sort_name.lstrip("-")]

    @property
    def descending(self) -> bool:
        return self.sort_name.startswith("-")

    @property
    def sort_expression(self) -> Any:
        if self.sort_facet is RELEVANCE:
            return Func(self._ranked, F("pk"), function="array_position", output_field=IntegerField())
        return self.sort_facet.sort_key

    @property
    def _ranked(self) -> Value:
        return Value(self.found, output_field=ArrayField(BigIntegerField()))

    def mark(self, customer: Any) -> str:
        return place.written(self.sort_name, customer.sort_value, customer.pk)

    # ---- Who is meant -----------------------------------------------------------------------------
    @property
    def found(self) -> list[int]:
        """Ids that the words find, the likeliest first; a question made of this one does not look again."""
        if self.q not in self._found:
            self._found[self.q] = find_ids(self.q)
        return self._found[self.q]

    @cached_property
    def met(self) -> Met:
        whole, problems, unread = Q(), [], set()
        for group in self.groups:
            of_group = Q()
            for one in group.filters:
                try:
                    met = condition(self.facets[one.name], self._with_me(one), self.options(one.name))
                except Unclear as unclear:
                    problems.append(str(unclear))
                    unread.add((group.number, one.name, one.negated))
                    continue
                of_group = of_group | met if group.any else of_group & met
            whole = whole | of_group if self.any_group else whole & of_group
        return Met(whole, problems, frozenset(unread))

    def _with_me(self, one: Filter) -> Filter:
        if not self.facets[one.name].people or ME not in one.values:
            return one
        mine = str(self.asker.pk) if isinstance(self.asker, User) else ME  # an API key owns nobody
        return replace(one, values=tuple(mine if value == ME else value for value in one.values))

    def options(self, name: str) -> dict[str, Any]:
        """The choices of a facet, asked for once."""
        if name not in self._options:
            self._options[name] = dict(self.facets[name].options())
        return self._options[name]

    @property
    def problems(self) -> list[str]:
        return [*self.said, *self.met.problems]

    @property
    def readable(self) -> bool:
        """Everything that was asked could be read; an order or a place that is gone does not matter."""
        return not self.strangers and not self.met.problems

    @cached_property
    def customers(self) -> QuerySet[Customer]:
        """All who answer to the question, unsorted: who is tagged, exported, written to.

        When a part of it cannot be read, nobody: leaving that part out would mean more people than were asked for.
        """
        return self.listed if self.readable else Customer.objects.none()

    @property
    def listed(self) -> QuerySet[Customer]:
        """For looking only: what cannot be read is said beside the list, and the rest of the question answered."""
        customers = self.walked
        for ids in self._among:
            customers = customers.filter(pk__in=ids)
        return customers

    @property
    def _among(self) -> Iterator[Any]:
        """Of whom all are some who answer: for filters that everybody has to meet."""
        if self.picked is not None or (self.any_group and len(self.groups) > 1):
            return
        for group in self.groups:
            for one in group.filters if not group.any or len(group.filters) == 1 else ():
                among = self.facets[one.name].among
                if among and not one.negated and len(one.values) == 1 and (ids := among(one.values[0])) is not None:
                    yield ids

    @cached_property
    def walked(self) -> QuerySet[Customer]:
        """The same, to be gone through one by one in the order of an index until a page is full."""
        customers = Customer.objects.present()
        if self.picked is not None:
            return customers.filter(Among("pk", self.picked))
        if self.q:
            customers = customers.filter(pk__in=self.found)
        named = {alias(self.facets[one.name]): self.facets[one.name].asked_about for one in self.filters}
        return customers.alias(**named).filter(self.met.condition) if self.met.condition else customers

    def sized(self, size: int) -> "Question":
        """So many on a page."""
        return replace(self, size=size)

    def of_picked(self, ids: Iterable[int]) -> "Question":
        return replace(self, groups=(), strangers=(), place=None, picked=tuple(sorted(ids)))

    # ---- How it is written ------------------------------------------------------------------------
    @property
    def filters(self) -> list[Filter]:
        return [one for group in self.groups for one in group.filters]

    def filter_at(self, number: int, name: str, negated: bool) -> Filter | None:
        for group in self.groups:
            if group.number == number:
                return next((one for one in group.filters if (one.name, one.negated) == (name, negated)), None)
        return None

    def address(self, **more: str) -> str:
        """The query string of this question, with another order or place when `more` names one."""
        groups = list(write_groups(self.groups, self.any_group))
        pairs = {"q": self.q, "sort": self.sort, "size": str(self.size) if self.size != SIZES[0] else ""} | more
        kept = [(name, value) for name, value in pairs.items() if value]
        view = [("view", self.view)] if self.view else []
        # A bare ?view=7 means what was saved; a view emptied of its filters must not fill itself again.
        emptied = [("match", "all")] if view and not groups and not self.q and not self.sort else []
        return urlencode([*view, *emptied, *kept, *groups])

    def saved_address(self) -> str:
        """What a saved view keeps: neither its own name nor how many stand on a page."""
        return replace(self, view="", size=SIZES[0], place=None).address()

    @property
    def is_open(self) -> bool:
        """Nothing is asked: everybody."""
        return not self.q and not self.groups and not self.strangers


def _opened(address: QueryDict, asker: Asker) -> tuple[QueryDict, list[str]]:
    """A bare ?view=7 asks what was saved under that name; with a filter beside it, the address is the question."""
    view = number_in(address.get("view", ""))
    if view is None or any(read_key(key) or key in ("q", "sort", "match") for key in address):
        return address, []
    segment = Segment.objects.seen_by(asker).filter(pk=view).first()
    if segment is None:
        return QueryDict(), [_("This view is gone; here is everybody.")]
    saved = QueryDict(segment.address, mutable=True)
    for name, values in address.lists():
        saved.setlist(name, values)
    return saved, []


def _known(groups: list[Group], facets: dict[str, Facet]) -> tuple[list[Group], list[str]]:
    """The groups without filters that are not there for this person, and what is said about those."""
    strangers, kept = [], []
    left = MOST_FILTERS
    for group in groups:
        filters = tuple(one for one in group.filters if one.name in facets and facets[one.name].askable)
        strangers += [_stranger(one.name) for one in group.filters if one not in filters]
        if len(filters) > left:
            strangers.append(_("At most %(n)s filters at once; the last ones were left out.") % {"n": MOST_FILTERS})
            filters = filters[:left]
        left -= len(filters)
        if filters:
            kept.append(replace(group, filters=filters))
    return kept, list(dict.fromkeys(strangers))


def _stranger(name: str) -> str:
    facet = all_facets().get(name)
    if facet and facet.askable:
        return _("The filter “%(what)s” is not for your role; it was left out.") % {"what": facet.label}
    return _("There is no filter “%(what)s”; it was left out.") % {"what": name[:40]}


def _sortable(facets: dict[str, Facet], sort: str) -> bool:
    facet = facets.get(sort.removeprefix("-"))
    return bool(facet and facet.sortable)
