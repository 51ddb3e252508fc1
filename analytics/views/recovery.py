from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import next_step, pages
from analytics.reports.recovery import Report, Table
from crm.models import Complaint
from shop.access import right


def report_of(request: HttpRequest) -> Report | None:
    generation = Generation.objects.current()
    return Report.of(generation, request.GET.get("months", "")) if generation else None


@right("reports.view")
@require_GET
def recovery(request: HttpRequest) -> HttpResponse:
    step = next_step.of_recovery(Complaint.objects.open().count())
    return pages.shown(request, "recovery", report=report_of(request), next=step)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    return pages.file(report and Table(report), "recovery")
