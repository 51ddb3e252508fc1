from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analytics.reports import next_step, pages
from analytics.reports.rfm import Report
from shop.access import right


@right("reports.view")
@require_GET
def rfm(request: HttpRequest) -> HttpResponse:
    report = Report.for_page(request)
    return pages.shown(request, "rfm", report=report, next=report and next_step.of_groups(report))


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    return Report.as_file(request)
