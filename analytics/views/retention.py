from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from analytics import behind, retention_charts
from analytics.models import Generation
from analytics.retention import Report
from analytics.tasks import KIND, request_recompute
from shop.access import right
from shop.charts.download import csv_response
from shop.models import Job


def report_of(request: HttpRequest) -> Report | None:
    generation = Generation.objects.current()
    if generation is None:
        return None
    return Report.of(generation, request.GET.get("mode", ""), request.GET.get("month", ""))


def kind_of(request: HttpRequest) -> str:
    kind = request.GET.get("cohorts", "")
    return kind if kind in retention_charts.KINDS else "bought"


@right("reports.view")
@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    context: dict[str, Any] = {"report": report, "job": Job.objects.live().filter(lane=KIND).first()}
    if report and report.generation.customers:
        context |= charts_of(request, report)
    return render(request, "analytics/retention.html", context)


def charts_of(request: HttpRequest, report: Report) -> dict[str, Any]:
    csv = report.url(csv="months"), report.url(csv="cohorts", cohorts=kind_of(request))
    return {
        "tiles": report.tiles(),
        "rates": retention_charts.rates(report, csv=csv[0]) if report.has_enough else None,
        "cohorts": retention_charts.cohorts(report, kind_of(request), csv=csv[1], every="since" in request.GET),
    }


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    report = report_of(request)
    if report is None or not report.generation.customers:
        raise Http404
    if request.GET.get("csv") == "months" and report.has_enough:
        return csv_response(retention_charts.rates(report), "retention.csv")
    maps = retention_charts.cohorts(report, kind_of(request))
    if not maps:
        raise Http404
    return csv_response(maps[0], "cohorts.csv")


@right("reports.view")
@require_POST
def recompute(request: HttpRequest) -> HttpResponse:
    request_recompute(by=request.user)
    return redirect("analytics:retention")


@right("reports.view")
@require_GET
def behind_figure(request: HttpRequest) -> HttpResponse:
    """Who stands behind a number. Naming customers needs the right to see them too."""
    generation = Generation.objects.current()
    found = behind.asked(generation, request.GET.dict()) if generation else None
    if not request.user.may("customers.view"):
        raise PermissionDenied("customers.view")
    if found is None:
        raise Http404
    rows, following = behind.page(found.customers, request.GET.get("after_row", ""))
    asked = request.GET.copy()
    asked["after_row"] = following
    context = {"found": found, "rows": rows, "more": asked.urlencode() if following else ""}
    return render(request, "analytics/behind.html", context)
