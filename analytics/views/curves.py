from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analytics.reports import next_step, pages
from analytics.reports.curves import Report
from shop.access import right


@right("reports.view")
@require_GET
def curves(request: HttpRequest) -> HttpResponse:
    report = Report.for_page(request)
    step = report and next_step.of_second_purchase(report.generation)
    return pages.shown(request, "curves", report=report, charts=report and report.charts(), next=step)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    return Report.as_file(request)
