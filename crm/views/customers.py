"""The list of customers: its tabs, its filters, its rows, and how many they are."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from crm.actions import offered_for_many
from crm.models import Customer
from crm.segments import chips, tabs
from crm.segments.address import spelled_out
from crm.segments.cells import Column, Row
from crm.segments.counting import count
from crm.segments.editing import edited
from crm.segments.pages import page_of
from crm.segments.question import SIZES, Question
from crm.segments.tabs import View
from shop.access import right
from shop.navigation import address

# Forms of the list that are about no filter.
PANELS = ("columns", "view", "new-view")


@require_GET
@right("customers.view")
def customers(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.view")
    if plain := spelled_out(request.GET):
        return HttpResponseRedirect(f"?{plain.urlencode()}")
    question = Question.read(request.GET, request.user)
    views = tabs.views_of(request.user, question.facets)
    if not request.GET and (first := next((view for view in views if view.first and view.segment), None)):
        return HttpResponseRedirect(f"?{first.address}")

    here = tabs.opened(views, question)
    shown = tabs.columns(here or views[0], question.facets)
    context = {
        "question": question,
        "state": question.address(),
        **_rows(question, shown),
        **_tabs(question, views, here),
        **_filters(question, request.GET.get("edit", ""), shown),
        "may_edit": request.user.may("customers.edit"),
        "export_url": _export(question) if request.user.may("customers.export") else "",
        "duplicates_url": address("crm:duplicates") if request.user.may("customers.merge") else "",
        "for_many": offered_for_many(request.user),
        "import_url": address("crm:import") if request.user.may("imports.run") else "",
    }
    return render(request, "crm/list/list.html", context)


def _export(question: Question) -> str:
    return f"{reverse('crm:exports')}?{urlencode({'all': 1, 'question': question.address()})}"


def _rows(question: Question, shown: list[Any]) -> dict[str, Any]:
    page = page_of(question, shown)
    table = [Column(facet, question) for facet in shown]
    other_size = sum(SIZES) - question.size
    return {
        "by_name": Column(question.facets["name"], question),
        "columns": table,
        "rows": [Row.of(customer, table) for customer in page.rows],
        "before": page.before and question.address(before=page.before),
        "after": page.after and question.address(after=page.after),
        "from_state": quote(question.address()),
        "other_size": other_size,
        "other_size_address": question.address(size="" if other_size == SIZES[0] else str(other_size)),
    }


def _tabs(question: Question, views: list[View], here: View | None) -> dict[str, Any]:
    shown, rest = tabs.shown_and_rest(views, here)
    saved = here.question(question).saved_address() if here and here.segment else ""
    return {
        "views": shown,
        "more_views": rest,
        "here": here,
        "differs": not question.is_open if not (here and here.segment) else saved != question.saved_address(),
        "counts_address": urlencode({"tabs": ",".join(view.pk for view in shown), "question": question.address()}),
    }


def _filters(question: Question, asked: str, shown: list[Any]) -> dict[str, Any]:
    chosen = [facet.name for facet in shown]
    return {
        "groups": chips.drawn(question),
        "new_group": chips.new_group(question),
        "turned_groups": chips.turned_groups(question),
        "hidden": chips.hidden(question),
        "editing": edited(question, asked),
        "panel": asked if asked in PANELS else "",
        "possible_columns": _possible(question, chosen) if asked == "columns" else [],
    }


def _possible(question: Question, chosen: list[str]) -> list[tuple[Any, bool]]:
    """The chosen ones in their order, then the others."""
    others = [name for name in question.facets if name not in chosen and name != "name"]
    return [(question.facets[name], name in chosen) for name in [*chosen, *others]]


@require_GET
@right("customers.view")
def counts(request: HttpRequest) -> HttpResponse:
    """How many stand behind each tab and in the list: one request after the page, so that nobody waits for it."""
    Customer.objects.allowed(request.user, "customers.view")
    question = Question.read(QueryDict(request.GET.get("question", "")), request.user)
    asked = request.GET.get("tabs", "").split(",")
    views = [view for view in tabs.views_of(request.user, question.facets) if view.pk in asked]
    context = {
        "counts": [(view.pk, count(view.question(question))) for view in views],
        "here": count(question),
        "readable": question.readable,
    }
    return render(request, "crm/list/_counts.html", context)
