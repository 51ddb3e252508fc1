from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import pages, tenths
from analytics.reports.value import Report
from shop.access import StaffRequest, right
from shop.charts.download import csv_response


def report_of() -> Report | None:
    generation = Generation.objects.current()
    return Report.of(generation) if generation else None


@right("reports.view")
@require_GET
def value(request: StaffRequest) -> HttpResponse:
    report, file = report_of(), reverse("analytics:value_csv")
    context: dict[str, Any] = {"report": report, "tabs": pages.tabs("analytics:value")}
    if report:
        context["chart"] = report.chart(csv=file)
        context["tenths"] = tenths.chart_of(report.generation, csv=f"{file}?csv=tenths")
        context["best"] = tenths.best_of(report.generation) if request.user.may("customers.view") else []
    return render(request, "analytics/value.html", context)


@right("reports.view")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    report = report_of()
    if report is None:
        raise Http404
    if request.GET.get("csv") != "tenths":
        return csv_response(report.chart(), "value.csv")
    chart = tenths.chart_of(report.generation)
    if chart is None:
        raise Http404
    return csv_response(chart, "tenths.csv")
