"""The pages of the report on who comes back, in the order of their tabs; what all of them and their files share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.models import Generation
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


@dataclass(frozen=True)
class OfFigures(ABC):
    """What a page tells of the figures in force, and what it draws, by the names of the files of it."""

    generation: Generation

    @classmethod
    @abstractmethod
    def of(cls, generation: Generation, asked: Mapping[str, str]) -> Self | None:
        """asked: as the address has it; what cannot be read is not asked. None: these figures do not tell of it yet."""

    @abstractmethod
    def charts(self) -> Mapping[str, Chart | None]:
        """None: there is too little to draw it of."""

    @classmethod
    def for_page(cls, request: HttpRequest) -> Self | None:
        generation = Generation.objects.current()
        return cls.of(generation, request.GET.dict()) if generation else None

    @classmethod
    def as_file(cls, request: HttpRequest) -> HttpResponse:
        """The chart the address names, or the first."""
        report = cls.for_page(request)
        charts = report.charts() if report else {}
        name = request.GET.get("csv", next(iter(charts), ""))
        return file(charts.get(name), name)


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
