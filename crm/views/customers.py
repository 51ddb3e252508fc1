"""The list of customers, its filters and how many they are."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from crm.facets import Facet
from crm.models import Customer
from crm.segments.cells import Column, Row
from crm.segments.conditions import UNKNOWN
from crm.segments.pages import columns, count, page_of
from crm.segments.question import SIZES, Question
from shop.access import right
from shop.navigation import address


@require_GET
@right("customers.view")
def customers(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.view")
    question = Question.read(request.GET, request.user)
    if spelled := _spelled_out(request, question):
        return HttpResponseRedirect(f"?{spelled}")

    page = page_of(question)
    other_size = sum(SIZES) - question.size
    table = [Column(facet, question) for facet in columns(question)]
    context = {
        "question": question,
        "by_name": Column(question.facets["name"], question),
        "columns": table,
        "rows": [Row.of(customer, table) for customer in page.rows],
        "before": page.before and question.address(before=page.before),
        "after": page.after and question.address(after=page.after),
        "editing": _editing(request, question),
        "views": _views(question, request.user),
        "state": question.address(),
        "from_state": quote(question.address()),
        "other_size": other_size,
        "other_size_address": question.address(size="" if other_size == SIZES[0] else str(other_size)),
        "may_edit": request.user.may("customers.edit"),
        "import_url": address("crm:import") if request.user.may("imports.run") else "",
    }
    return render(request, "crm/list/list.html", context)


@require_GET
@right("customers.view")
def how_many(request: HttpRequest) -> HttpResponse:
    """The count comes after the page, so that nobody waits for it."""
    Customer.objects.allowed(request.user, "customers.view")
    n, more = count(Question.read(request.GET, request.user))
    return render(request, "crm/list/_count.html", {"n": n, "more": more})


def _spelled_out(request: HttpRequest, question: Question) -> str:
    """A filter's form sends `orders.from=2&orders.to=5`; the address says `orders=2..5`."""
    ends = {name: (request.GET.get(f"{name}.from"), request.GET.get(f"{name}.to")) for name in question.facets}
    asked = {name: f"{low or ''}..{high or ''}".strip() for name, (low, high) in ends.items() if low or high}
    if not asked:
        return ""
    for name, value in asked.items():
        low, _dots, high = value.partition("..")
        question.asked[name] = [low if low == high else value]
    return question.address()


def _editing(request: HttpRequest, question: Question) -> dict[str, Any] | None:
    facet = question.facets.get(request.GET.get("edit", ""))
    if not facet:
        return None
    values = question.asked.get(facet.name, [])
    low, _dots, high = (values[0] if values and values[0] != UNKNOWN else "").partition("..")
    return {
        "facet": facet,
        "values": values,
        "low": low,
        "high": high if _dots else low,
        "options": facet.options(),
        "kept": _kept(question, facet),
    }


def _kept(question: Question, facet: Facet) -> list[tuple[str, str]]:
    """What else is asked, as hidden fields of the filter's form."""
    asked = [(name, value) for name, values in question.asked.items() if name != facet.name for value in values]
    return [(name, value) for name, value in (("q", question.q), ("sort", question.sort)) if value] + asked


def _views(question: Question, user: Any) -> list[tuple[str, str, bool]]:
    """The questions everybody asks, as tabs: (name, address, whether it is this one)."""
    tabs: list[tuple[str, dict[str, list[str]]]] = [(pgettext("customers", "All"), {})]
    if "owner" in question.facets:
        tabs.append((pgettext("customers", "Mine"), {"owner": [str(user.pk)]}))
    if "state" in question.facets:
        tabs.append((_("At risk"), {"state": ["at_risk"]}))
    here = reverse("crm:customers")
    return [
        (name, f"{here}?{Question(question.facets, asked=asked).address()}", question.asked == asked and not question.q)
        for name, asked in tabs
    ]
