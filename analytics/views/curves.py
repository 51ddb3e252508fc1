from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import next_step, pages
from analytics.reports.curves import CHARTS, Report
from shop.access import right
from shop.charts.download import csv_response


def report_of(request: HttpRequest) -> Report | None:
    generation = Generation.objects.current()
    return Report.of(generation, request.GET.dict()) if generation and generation.customers else None


@right("reports.view")
@require_GET
def curves(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    context = {
        "report": report,
        "charts": report and report.charts(),
        "next": report and next_step.of_second_purchase(report.generation),
        "tabs": pages.tabs("analytics:curves"),
    }
    return render(request, "analytics/curves.html", context)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    report, name = report_of(request), request.GET.get("csv", "")
    chart = CHARTS[name](report) if report and name in CHARTS else None
    if chart is None:
        raise Http404
    return csv_response(chart, f"{name}.csv")
