from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import next_step, pages
from analytics.reports.rfm import Report, Table
from shop.access import right


def report_of(request: HttpRequest) -> Report | None:
    generation = Generation.objects.current()
    report = Report.of(generation, request.GET.get("days", "")) if generation else None
    return report if report and report.counted else None


@right("reports.view")
@require_GET
def rfm(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    return pages.shown(request, "rfm", report=report, next=report and next_step.of_groups(report))


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    return pages.file(report and Table(report.standings), "rfm")
