from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analytics.reports import next_step, pages
from analytics.reports.recovery import Report
from crm.models import Complaint
from shop.access import right


@right("reports.view")
@require_GET
def recovery(request: HttpRequest) -> HttpResponse:
    step = next_step.of_recovery(Complaint.objects.open().count())
    return pages.shown(request, "recovery", report=Report.for_page(request), next=step)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    return Report.as_file(request)
