from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analytics.reports import pages
from analytics.reports.offers import Report, Table
from shop.access import right


def report_of(request: HttpRequest) -> Report:
    return Report.of(request.GET.get("after", ""))


@right("reports.view")
@require_GET
def offers(request: HttpRequest) -> HttpResponse:
    return pages.shown(request, "offers", report=report_of(request))


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    return pages.file(Table(report_of(request).offers), "offers")
