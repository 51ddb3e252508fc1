"""The list of customers, page by page. Never counts and never skips: a page begins where the last one ended."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, F, Func, Prefetch, QuerySet, Value
from django.db.models.functions import Greatest

from crm.facets import Facet
from crm.models import Customer, Identifier
from crm.segments.place import Place
from crm.segments.question import Question
from crm.segments.search import NUMBER_KINDS

PATIENCE = 30  # milliseconds; a page whose walk is short takes five
WALK = 300  # when a crowd is known to answer
GATHER = 2_500  # on a busy machine a walk may be cut off that would soon have ended
CROWD = 10_000
SEVERAL = 200
SORTING = ("enable_sort", "enable_incremental_sort")
# For looking at everybody: indexes are at hand, and a million numbers fit into memory.
ROOMY = {"random_page_cost": "1.1", "work_mem": "32MB"}


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    before: str
    after: str


class RowBeyond(Func):
    """(value, key) > (value, key) in one comparison, which an index on both can answer."""

    output_field = BooleanField()
    arity = 4

    def __init__(self, *parts: Any, sign: str) -> None:
        super().__init__(*parts)
        self.template = "(%(expressions)s)"
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        sides = [compiler.compile(part) for part in self.get_source_expressions()]
        (value, key, seen_value, seen_key) = [sql for sql, _params in sides]
        params = [param for _sql, part_params in sides for param in part_params]
        return f"(({value}, {key}) {self.sign} ({seen_value}, {seen_key}))", params


def page_of(question: Question, shown: Iterable[Facet] = (), *, patient: bool = False) -> Page:
    """One page with the facets to be shown; one query, or two where the rows without a value begin.

    The planner walks along the order and hopes to meet 25 who answer soon. When those who answer all stand at its
    other end, that is a long way: after a moment they are gathered first and put in order then, unless `patient`.
    """
    hopeful = bool(question.groups) and question.picked is None and not patient
    if hopeful and question.q:
        _ = question.found  # looked for once, and with all the time that it needs
    if not hopeful:
        return _page(question, shown)
    return _walked(question, shown, PATIENCE) or _gathered_page(question, shown)


def _walked(question: Question, shown: Iterable[Facet], patience: int, *, along: bool = False) -> Page | None:
    """None: it took too long. `along`: the planner has no choice but to walk along the order."""
    sorting = SORTING if along else ()
    try:
        with transaction.atomic():
            _set({"statement_timeout": str(patience), **dict.fromkeys(sorting, "off")})
            page = _page(question, shown)
            _set({"statement_timeout": _allowed(), **dict.fromkeys(sorting, "on")})
            return page
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise
    return None


def _set(settings: dict[str, str]) -> None:
    """Until the end of the transaction."""
    asked = ", ".join("set_config(%s, %s, true)" for _ in settings)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", [text for pair in settings.items() for text in pair])


def _gathered_page(question: Question, shown: Iterable[Facet]) -> Page:
    """First who they are, in whatever order, then sorted by the database: not by walking along an index for them.

    Of a crowd some stand near any place, unless they all stand at the other end: so that walk gets another chance.
    """
    ids = _all_or_a_crowd(question)
    if ids is not None and len(ids) <= CROWD:
        return _picked_page(replace(question.of_picked(ids), place=question.place), shown)
    if page := _walked(question, shown, WALK, along=True):
        return page
    return _page(question, shown, gather=ids is not None)


def _all_or_a_crowd(question: Question) -> list[int] | None:
    """None: it took too long."""
    try:
        with transaction.atomic():
            _set({**ROOMY, "statement_timeout": str(GATHER)})
            ids = list(question.listed.order_by().values_list("pk", flat=True)[: CROWD + 1])
            _set({"statement_timeout": _allowed()})
            return ids
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise
    return None


def _picked_page(question: Question, shown: Iterable[Facet]) -> Page:
    """Which of them stand on the page is found out without what is shown of them: that is looked up for those alone."""
    if len(question.picked or ()) <= SEVERAL:
        return _page(question, shown, gather=True)
    few = [row.pk for row in _rows(question, None, gather=True)]
    return _page(replace(question.of_picked(few), place=question.place), shown, gather=True)


def _allowed() -> str:
    """What this connection may take otherwise (config/connections.py)."""
    options = connection.settings_dict.get("OPTIONS", {}).get("options", "")
    found = re.search(r"statement_timeout=(\d+)", options)
    return found[1] if found else "0"


def _page(question: Question, shown: Iterable[Facet], *, gather: bool = False) -> Page:
    place = question.place
    backwards = bool(place and place.backwards)
    rows = _rows(question, list(shown), gather=gather)
    more = len(rows) > question.size
    rows = rows[: question.size]
    if backwards:
        rows.reverse()
    return Page(
        rows,
        before=question.mark(rows[0]) if rows and (more if backwards else place) else "",
        after=question.mark(rows[-1]) if rows and (backwards or more) else "",
    )


def _rows(question: Question, shown: list[Facet] | None, *, gather: bool) -> list[Any]:
    """Those of the page, and one more where there are more. `shown` None: nothing but who they are."""
    place = question.place
    backwards = bool(place and place.backwards)
    rows: list[Any] = []
    for known in _parts(question, backwards):
        if place and _passed(place, known):
            continue
        start = place if place and place.known == known else None
        part = _part(question, shown, known, start, backwards, gather)
        rows += (_gathered(part) if gather else part)[: question.size + 1 - len(rows)]
        if len(rows) > question.size:
            break
    return rows


def _gathered(part: QuerySet[Customer]) -> QuerySet[Customer]:
    """The same order, in words that no index serves."""
    order = []
    for key in part.query.order_by:
        name, down = (key.lstrip("-"), key.startswith("-")) if isinstance(key, str) else _named(key)
        same = Greatest(F(name), F(name))
        order.append(same.desc() if down else same.asc())
    return part.order_by(*order)


def _named(key: Any) -> tuple[str, bool]:
    return key.expression.name, key.descending


def _parts(question: Question, backwards: bool) -> list[bool]:
    """First those who have a value, then those who have none, whichever way the values run."""
    parts = [True, False] if question.sort_facet.may_be_unknown else [True]
    return parts[::-1] if backwards else parts


def _passed(place: Place, known: bool) -> bool:
    """The place lies in the other part, which comes later on the way."""
    return place.known != known and known != place.backwards


def _part(
    question: Question, shown: list[Facet] | None, known: bool, place: Place | None, backwards: bool, gather: bool
) -> QuerySet[Customer]:
    facet = question.sort_facet
    customers = question.listed if gather else question.walked
    customers = customers.only("pk") if shown is None else _shown(customers, shown)
    customers = customers.annotate(sort_value=question.sort_expression)
    if not known:
        sign = "lt" if backwards else "gt"
        customers = customers.filter(sort_value__isnull=True)
        if place:
            customers = customers.filter(**{f"pk__{sign}": place.pk})
        return customers.order_by("-pk" if backwards else "pk")

    down = question.descending != backwards
    if facet.may_be_unknown:
        customers = customers.filter(sort_value__isnull=False)
    if place:
        customers = customers.filter(_beyond(question, place, "<" if down else ">"))
    key = F(facet.row_key)
    return customers.order_by(*([F("sort_value").desc(), key.desc()] if down else ["sort_value", key.asc()]))


def _beyond(question: Question, place: Place, sign: str) -> RowBeyond:
    key = F(question.sort_facet.row_key)
    return RowBeyond(question.sort_expression, key, Value(place.value), Value(place.pk), sign=sign)


def _shown(customers: QuerySet[Customer], shown: list[Facet]) -> QuerySet[Customer]:
    numbers = Identifier.objects.filter(kind__in=NUMBER_KINDS).order_by("kind", "pk")
    return (
        customers.only("given_name", "family_name", "name", "city")
        .annotate(**{f"facet_{facet.name}": facet.resolved for facet in shown})
        .prefetch_related(Prefetch("identifiers", numbers, to_attr="numbers"))
    )


def neighbour(question: Question, customer: Customer, *, backwards: bool) -> int | None:
    """The next card in the order of the list; None at its end, and for one who is no longer in it."""
    own = question.walked.filter(pk=customer.pk).annotate(sort_value=question.sort_expression).first()
    if own is None:
        return None
    here = replace(question, size=1, place=Place(backwards, own.sort_value, own.pk))
    rows = page_of(here).rows
    return rows[0].pk if rows else None
