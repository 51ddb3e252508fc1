from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.reports import behind, pages
from analytics.reports import grading as report
from analytics.reports.totals import Totals
from shop.access import right


def grading_of(request: HttpRequest) -> report.Grading | None:
    generation = Generation.objects.current()
    return report.Grading.of(generation, request.GET.get("forecast", "")) if generation else None


@right("reports.view")
@require_GET
def grading(request: HttpRequest) -> HttpResponse:
    """Forecasts beside what came of them."""
    found = grading_of(request)
    return pages.shown(
        request,
        "grading",
        grading=found,
        next_over=report.next_over(timezone.localdate()),
        may_set=request.user.may("settings.edit"),
        chart=found and found.chart(csv=found.url("grading_csv")),
        totals=found and Totals.of(found.generation),
    )


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    found = grading_of(request)
    return pages.file(found and found.chart(), "grading")


@right("reports.view")
@require_GET
def graded(request: HttpRequest) -> HttpResponse:
    """Who stands behind a number. Naming customers needs the right to see them too."""
    grading = grading_of(request)
    found = report.behind(grading, request.GET.dict()) if grading else None
    if not request.user.may("customers.view"):
        raise PermissionDenied("customers.view")
    if found is None:
        raise Http404
    rows, following = behind.page(found.customers, request.GET.get("after_row", ""))
    asked = request.GET.copy()
    asked["after_row"] = following
    context = {"found": found, "rows": rows, "more": asked.urlencode() if following else ""}
    return render(request, "analytics/behind.html", context)
