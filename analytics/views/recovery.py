from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import next_step, pages
from analytics.reports.recovery import Report, Table
from crm.models import Complaint
from shop.access import right
from shop.charts.download import csv_response


def report_of(request: HttpRequest) -> Report | None:
    generation = Generation.objects.current()
    return Report.of(generation, request.GET.get("months", "")) if generation else None


@right("reports.view")
@require_GET
def recovery(request: HttpRequest) -> HttpResponse:
    step = next_step.of_recovery(Complaint.objects.open().count())
    context = {"report": report_of(request), "next": step, "tabs": pages.tabs("analytics:recovery")}
    return render(request, "analytics/recovery.html", context)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    if report is None:
        raise Http404
    return csv_response(Table(report), "recovery.csv")
