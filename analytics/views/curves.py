from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import next_step, pages
from analytics.reports.curves import CHARTS, Report
from shop.access import right


def report_of(request: HttpRequest) -> Report | None:
    generation = Generation.objects.current()
    return Report.of(generation, request.GET.dict()) if generation and generation.customers else None


@right("reports.view")
@require_GET
def curves(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    step = report and next_step.of_second_purchase(report.generation)
    return pages.shown(request, "curves", report=report, charts=report and report.charts(), next=step)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    report, name = report_of(request), request.GET.get("csv", "")
    return pages.file(CHARTS[name](report) if report and name in CHARTS else None, name)
