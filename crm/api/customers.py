"""Customers and saved views, for programs: the same questions as in the list, in the same words."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.pages import PAGED, SIZE, limit, query
from crm.facets import Facet, of_every_shop
from crm.models import Segment
from crm.segments.pages import page_of
from crm.segments.question import Question
from shop.api.told import Told
from shop.api.views import ApiView

# What a page of the list says that a program has no use for: `limit`, `cursor` and the segments do as much.
NOT_HERE = ("size", "before", "after", "edit", "view")


READ_AS = {
    "number": "5, 2..5, 2.. or ..5",
    "money": "50, 20..50, 20.. or ..50",
    "date": "2026-03-01, or 2026-03-01..2026-03-31",
    "choice": "one of its choices",
    "yes_no": "yes or no",
    "text": "a part of it",
}


def filters() -> dict[str, Any]:
    """What the list may be asked, from the table of facets."""
    facets = [one for one in of_every_shop() if one.askable]
    sorts = [one.name for one in of_every_shop() if one.sortable]
    return {
        "q": "Searched as in the list: a name, a number, an address; the 200 likeliest.",
        "sort": {
            "description": "`-` before it turns it round.",
            "schema": {"type": "string", "enum": _both_ways(sorts)},
        },
        "match": {"description": "Any of the filters instead of all.", "schema": {"type": "string", "enum": ["any"]}},
        "groups": {"description": "Any of the groups instead of all.", "schema": {"type": "string", "enum": ["any"]}},
        **{one.name: _filter(one) for one in facets},
    }


def _both_ways(names: list[str]) -> list[str]:
    return [way + name for name in names for way in ("", "-")]


def _filter(facet: Facet) -> dict[str, Any]:
    values = {"type": "array", "items": {"type": "string"}}
    unknown = " `-`: not known." if facet.may_be_unknown else ""
    scope = "" if facet.right == "customers.view" else f" Scope: `{facet.right}`."
    return {"description": f"{facet.label}: {READ_AS[facet.kind]}.{unknown}{scope}", "schema": values}


class CustomerList(ApiView):
    """Everybody, or who answers to the filters of the list."""

    right = "customers.view"
    told = {
        "GET": Told(
            "List customers",
            "Filtered, searched and sorted as the list of staff is, in the same words. Any value may be given several"
            " times; `.not` behind the name of a filter turns it round, `2.` before it opens a second group. A filter"
            " that is not there, or that the scopes of the key do not reach, is refused: leaving it out would answer"
            " with more people than were asked for.",
            list_of=shapes.LISTED_CUSTOMER,
            query=filters,
        )
    }

    def get(self, request: Request) -> Response:
        return Response(answer(Question.read(_question(request), self.key), request))


class SegmentList(ApiView):
    """The saved views that are shared."""

    right = "customers.view"
    told = {"GET": Told("List segments", "The saved views that somebody shared.", shapes.SEGMENTS)}

    def get(self, request: Request) -> Response:
        query(request)
        shared = Segment.objects.seen_by(self.key).select_related("owner").order_by("pk")
        return Response({"results": [_segment(one) for one in shared]})


class SegmentCustomers(ApiView):
    """Who answers to a saved view now."""

    right = "customers.view"
    told = {"GET": Told("List the customers of a segment", "Who answers to it now.", list_of=shapes.LISTED_CUSTOMER)}

    def get(self, request: Request, segment_id: int) -> Response:
        segment = Segment.objects.seen_by(self.key).filter(pk=segment_id).first()
        if segment is None:
            raise Http404
        query(request, *PAGED)
        address = QueryDict(segment.address, mutable=True)
        _place(address, request)
        return Response(answer(Question.read(address, self.key), request))


def _question(request: Request) -> QueryDict:
    address = request.query_params.copy()
    if unknown := [name for name in NOT_HERE if name in address]:
        raise serializers.ValidationError({name: [_("Unknown field.")] for name in unknown})
    for name in PAGED:
        address.pop(name, None)
    _place(address, request)
    return address


def _place(address: QueryDict, request: Request) -> None:
    if cursor := request.query_params.get("cursor"):
        address["after"] = cursor


def answer(question: Question, request: Request) -> dict[str, Any]:
    """One page; a question that cannot be read as a whole is refused, so that nobody gets more than was asked for."""
    asked = request.query_params.get("limit", "")
    size = limit(asked) if asked else SIZE
    if question.problems:
        raise serializers.ValidationError({"question": question.problems})
    facets = [facet for facet in question.facets.values() if facet.name != "name"]
    page = page_of(question.sized(size), facets)
    rows = [_customer(question, facets, row) for row in page.rows]
    return {"results": rows, "next": page.after or None}


def _customer(question: Question, facets: list[Any], row: Any) -> dict[str, Any]:
    """Each facet by its name; choices as their keys, which stay the same in every language."""
    asked = {facet.name: written(getattr(row, f"facet_{facet.name}")) for facet in facets}
    return {
        "id": row.pk,
        "given_name": row.given_name,
        "family_name": row.family_name,
        "numbers": [{"kind": one.kind, "source": one.source, "value": one.value} for one in row.numbers],
        **asked,
    }


def written(value: Any) -> Any:
    """As JSON says it: amounts as texts, moments with the offset of the shop."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.pk,
        "name": segment.name,
        "question": segment.address,
        "owner": str(segment.owner),
        "shared_at": segment.shared_at and segment.shared_at.isoformat(),
    }
