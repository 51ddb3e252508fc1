from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import pages
from analytics.reports.cohorts import Report
from shop.access import StaffRequest, right
from shop.charts.download import csv_response


def report_of(request: StaffRequest) -> Report | None:
    generation = Generation.objects.current()
    return Report.of(generation, request.GET.get("cohorts", "")) if generation else None


@right("reports.view")
@require_GET
def cohorts(request: StaffRequest) -> HttpResponse:
    """Whole, or as a part of the page Retention: the newest thirteen."""
    report = report_of(request)
    if request.htmx:
        maps = replace(report, every=False).maps() if report else []
        return render(request, "analytics/_cohorts.html", {"maps": maps})
    context = {"report": report, "maps": report.maps() if report else [], "tabs": pages.tabs("analytics:cohorts")}
    return render(request, "analytics/cohorts.html", context)


@right("reports.view")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    report = report_of(request)
    maps = report.maps() if report else []
    if not maps:
        raise Http404
    return csv_response(maps[0], "cohorts.csv")
