from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import next_step, pages
from analytics.reports.rfm import Report, Table
from shop.access import right
from shop.charts.download import csv_response


def report_of(request: HttpRequest) -> Report | None:
    generation = Generation.objects.current()
    report = Report.of(generation, request.GET.get("days", "")) if generation else None
    return report if report and report.counted else None


@right("reports.view")
@require_GET
def rfm(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    context = {"report": report, "next": report and next_step.of_groups(report), "tabs": pages.tabs("analytics:rfm")}
    return render(request, "analytics/rfm.html", context)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    if report is None:
        raise Http404
    return csv_response(Table(report.standings), "rfm.csv")
