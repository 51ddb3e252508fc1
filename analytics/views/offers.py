from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.reports import pages
from analytics.reports.offers import Report, Table
from shop.access import right
from shop.charts.download import csv_response


@right("reports.view")
@require_GET
def offers(request: HttpRequest) -> HttpResponse:
    context = {"report": Report.of(request.GET.get("after", "")), "tabs": pages.tabs("analytics:offers")}
    return render(request, "analytics/offers.html", context)


@right("reports.view")
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    return csv_response(Table(Report.of(request.GET.get("after", "")).offers), "offers.csv")
