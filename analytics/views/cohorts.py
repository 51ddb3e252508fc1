from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import pages
from analytics.reports.cohorts import Report
from shop.access import StaffRequest, right


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
    return pages.shown(request, "cohorts", report=report, maps=report.maps() if report else [])


@right("reports.view")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    report = report_of(request)
    maps = report.maps() if report else []
    return pages.file(maps[0] if maps else None, "cohorts")
