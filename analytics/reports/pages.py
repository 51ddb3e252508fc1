"""The pages of the report on who comes back, in the order of their tabs; what all of them and their files share."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.charts.base import Chart
from shop.charts.download import csv_response


@dataclass(frozen=True)
class Tab:
    label: Any
    url: str
    here: bool


PAGES = [
    (_("Retention"), "analytics:retention"),
    (_("Cohorts"), "analytics:cohorts"),
    (_("Curves"), "analytics:curves"),
    (_("RFM"), "analytics:rfm"),
    (pgettext_lazy("of customers", "Value"), "analytics:value"),
    (_("Grading"), "analytics:grading"),
    (_("Recovery"), "analytics:recovery"),
    (_("Offers"), "analytics:offers"),
    (_("Goals"), "analytics:goals"),
]


def tabs(here: str) -> list[Tab]:
    return [Tab(label, reverse(view), view == here) for label, view in PAGES]


def shown(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    """A page of the report: its address, its template and its tab have one name."""
    return render(request, f"analytics/{name}.html", {"tabs": tabs(f"analytics:{name}"), **context})


def file(chart: Chart | None, name: str) -> HttpResponse:
    """What a page draws; without figures there is no file."""
    if chart is None:
        raise Http404
    return csv_response(chart, f"{name}.csv")
