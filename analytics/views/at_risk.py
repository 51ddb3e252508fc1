import csv
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.models import Generation
from analytics.risk_list import LISTS, RiskList
from shop.access import right
from shop.charts.download import harmless


def list_of(request: HttpRequest) -> RiskList | None:
    generation = Generation.objects.current()
    if generation is None:
        return None
    name = request.GET.get("list", "")
    return RiskList(generation, name if name in LISTS else "at_risk", timezone.localdate())


@right("reports.view")
@require_GET
def at_risk(request: HttpRequest) -> HttpResponse:
    found = list_of(request)
    if found is None or not found.generation.customers:
        return render(request, "analytics/at_risk.html", {"list": None})
    rows, following = found.page(request.GET.get("after", ""))
    context = {
        "list": found,
        "tabs": found.tabs(),
        "rows": rows,
        "following": following,
        "most": max((row.figures.at_stake or 0 for row in rows), default=0),
        "may_export": request.user.may("customers.export"),
    }
    return render(request, "analytics/at_risk.html", context)


@right("customers.export")
@require_GET
def download(request: HttpRequest) -> StreamingHttpResponse:
    found = list_of(request)
    if found is None:
        raise Http404
    response = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.name}.csv"'
    return response


class _Echo:
    @staticmethod
    def write(line: str) -> str:
        return line


def _lines(found: RiskList) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow([_("Customer"), _("Why"), _("Comes back"), _("At stake"), _("Last order"), _("Owner")])
    after = ""
    while True:
        rows, after = found.page(after)
        for row in rows:
            figures = row.figures
            line = [str(figures.customer), strip_tags(row.short()), row.comes_back, figures.at_stake]
            line += [figures.last_on.isoformat(), str(figures.customer.owner or "")]
            yield writer.writerow([harmless(value) for value in line])
        if not after:
            return
