from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import pages, tenths
from analytics.reports.value import Report
from shop.access import StaffRequest, right


def report_of() -> Report | None:
    generation = Generation.objects.current()
    return Report.of(generation) if generation else None


@right("reports.view")
@require_GET
def value(request: StaffRequest) -> HttpResponse:
    report, file = report_of(), reverse("analytics:value_csv")
    context: dict[str, Any] = {}
    if report:
        context["chart"] = report.chart(csv=file)
        context["tenths"] = tenths.chart_of(report.generation, csv=f"{file}?csv=tenths")
        context["best"] = tenths.best_of(report.generation) if request.user.may("customers.view") else []
    return pages.shown(request, "value", report=report, **context)


@right("reports.view")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    report = report_of()
    if request.GET.get("csv") != "tenths":
        return pages.file(report and report.chart(), "value")
    return pages.file(report and tenths.chart_of(report.generation), "tenths")
