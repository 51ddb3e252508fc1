from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.reports import pages
from analytics.reports.cohorts import Report
from shop.access import StaffRequest, right


@right("reports.view")
@require_GET
def cohorts(request: StaffRequest) -> HttpResponse:
    """Whole, or as a part of the page Retention: the newest thirteen."""
    report = Report.for_page(request)
    if request.htmx:
        maps = replace(report, every=False).charts() if report else {}
        return render(request, "analytics/_cohorts.html", {"maps": list(maps.values())})
    return pages.shown(request, "cohorts", report=report, maps=list(report.charts().values()) if report else [])


@right("reports.view")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    return Report.as_file(request)
