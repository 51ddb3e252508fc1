from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from analytics.reports import pages, tenths
from analytics.reports.value import Report
from shop.access import StaffRequest, right


@right("reports.view")
@require_GET
def value(request: StaffRequest) -> HttpResponse:
    report = Report.for_page(request)
    context: dict[str, Any] = {}
    if report:
        context["charts"] = report.charts()
        context["best"] = tenths.best_of(report.generation) if request.user.may("customers.view") else []
    return pages.shown(request, "value", report=report, **context)


@right("reports.view")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    return Report.as_file(request)
