from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from analytics.metrics import groups
from analytics.models import Generation, Goal
from analytics.reports import behind, next_step, pages, retention_charts
from analytics.reports.goals import Progress, progress_of
from analytics.reports.retention import Report, periods_of
from analytics.tasks import KIND, request_recompute
from shop.access import StaffRequest, right
from shop.at_once import fetch, once
from shop.charts.download import csv_response
from shop.models import Job
from shop.prepared import prepared

GOALS = 4  # shown beside the figures


def generation_of(request: StaffRequest) -> Generation | None:
    return Generation.objects.asked_for(request.GET.get("version", ""))


def report_of(request: StaffRequest, generation: Generation | None) -> Report | None:
    return Report.of(generation, request.GET.dict(), request.user) if generation else None


@prepared
def recomputing(_nothing: Any) -> Any:
    return Job.objects.live().filter(lane=KIND)[:1]


@once
@prepared
def running_goals(_generation: Any) -> Any:
    return Goal.objects.running().select_related("made_by")[:GOALS]


@right("reports.view")
@require_GET
def retention(request: StaffRequest) -> HttpResponse:
    generation, jobs = generation_of(request), recomputing(None)
    about = (periods_of(generation), running_goals(generation), *groups.questions(request.user)) if generation else ()
    fetch((jobs, *about))
    report = report_of(request, generation)
    drawn = charts_of(request, report) if report and report.generation.customers else {}
    return pages.shown(request, "retention", report=report, job=next(iter(jobs), None), **drawn)


def charts_of(request: StaffRequest, report: Report) -> dict[str, Any]:
    current = report.generation.is_current
    urls = {name: report.url(csv=name) for name in ("months", "moved", "figures")}
    return {
        "next": next_step.of_risk(report.generation) if current else None,
        "tiles": report.tiles(),
        "rates": retention_charts.rates(report, csv=urls["months"]) if report.has_enough else None,
        "waterfall": retention_charts.waterfall(report, csv=urls["moved"]) if report.moved.start else None,
        "figures_csv": urls["figures"],
        "goals": goals_of(report),
        "cohorts": reverse("analytics:cohorts") if report.choice.group.is_everybody and current else "",
    }


def goals_of(report: Report) -> list[Progress]:
    """Of today's figures; those of an old version say nothing about them."""
    if not report.generation.is_current:
        return []
    return progress_of(list(running_goals(report.generation)), report.generation)


@right("reports.view")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    report = report_of(request, generation_of(request))
    if report is None or not report.generation.customers:
        raise Http404
    wanted = request.GET.get("csv")
    if wanted == "figures":
        return csv_response(retention_charts.FigureTable(report), "figures.csv")
    if wanted == "moved":
        return csv_response(retention_charts.waterfall(report), "moved.csv")
    if wanted == "months" and report.has_enough:
        return csv_response(retention_charts.rates(report), "retention.csv")
    raise Http404


@right("reports.view")
@require_POST
def recompute(request: StaffRequest) -> HttpResponse:
    request_recompute(by=request.user)
    return redirect("analytics:retention")


@right("reports.view")
@require_GET
def behind_figure(request: StaffRequest) -> HttpResponse:
    """Who stands behind a number. Naming customers needs the right to see them too."""
    generation = Generation.objects.current()
    if not request.user.may("customers.view"):
        raise PermissionDenied("customers.view")
    found = behind.asked(generation, request.GET.dict(), request.user) if generation else None
    if found is None:
        raise Http404
    rows, following = behind.page(found.customers, request.GET.get("after_row", ""))
    asked = request.GET.copy()
    asked["after_row"] = following
    context = {"found": found, "rows": rows, "more": asked.urlencode() if following else ""}
    return render(request, "analytics/behind.html", context)
