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

from crm.models import Segment
from crm.segments.pages import page_of
from crm.segments.question import Question
from shop.api.views import ApiView

MOST = 200
USUAL = 50
# What a page of the list says that a program has no use for.
NOT_HERE = ("size", "before", "after", "edit", "view")


class CustomerList(ApiView):
    """Everybody, or who answers to the filters of the list."""

    right = "customers.view"

    def get(self, request: Request) -> Response:
        return Response(answer(Question.read(_question(request), self.key), request))


class SegmentList(ApiView):
    """The saved views that are shared."""

    right = "customers.view"

    def get(self, request: Request) -> Response:
        shared = Segment.objects.seen_by(self.key).select_related("owner").order_by("pk")
        return Response({"results": [_segment(one) for one in shared]})


class SegmentCustomers(ApiView):
    """Who answers to a saved view now."""

    right = "customers.view"

    def get(self, request: Request, segment_id: int) -> Response:
        segment = Segment.objects.seen_by(self.key).filter(pk=segment_id).first()
        if segment is None:
            raise Http404
        address = QueryDict(segment.address, mutable=True)
        _place(address, request)
        return Response(answer(Question.read(address, self.key), request))


def _question(request: Request) -> QueryDict:
    address = request.query_params.copy()
    for name in (*NOT_HERE, "limit", "cursor"):
        address.pop(name, None)
    _place(address, request)
    return address


def _place(address: QueryDict, request: Request) -> None:
    if cursor := request.query_params.get("cursor"):
        address["after"] = cursor


def answer(question: Question, request: Request) -> dict[str, Any]:
    """One page; a question that cannot be read as a whole is refused, so that nobody gets more than was asked for."""
    limit = _limit(request.query_params.get("limit", ""))
    if question.problems:
        raise serializers.ValidationError({"question": question.problems})
    facets = [facet for facet in question.facets.values() if facet.name != "name"]
    page = page_of(question.sized(limit), facets)
    rows = [_customer(question, facets, row) for row in page.rows]
    return {"results": rows, "next": page.after or None}


def _limit(text: str) -> int:
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise serializers.ValidationError({"limit": [_("A number from 1 to %(n)s.") % {"n": MOST}]})
    return int(text)


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
