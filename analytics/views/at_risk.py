from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.models import Generation
from analytics.risk.lists import LISTS, RiskList
from analytics.risk.outcomes import Outcomes
from analytics.tasks import request_release
from crm.actions import offered_for_many
from shop.access import StaffRequest, right
from shop.handing_out import Table, hand_out
from shop.toasts import toast

FOR_FLAGS = ("flag_assign", "flag_contacted", "give_discount", "flag_dismiss")


FOR_SECOND = ("give_discount", "send_survey_to_many", "tag", "assign")


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
        "most": max((row.scores.at_stake or 0 for row in rows), default=0),
        "may_export": request.user.may("customers.export"),
        "for_many": offered_for_many(request.user, FOR_SECOND if found.is_second else FOR_FLAGS),
        "here": request.get_full_path(),
        "may_release": request.user.may("risk.release"),
    }
    return render(request, "analytics/at_risk.html", context)


@right("risk.release")
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """What was held back because too much changed at once is told now."""
    request_release(request.user)
    toast(request, _("Everybody who waits for it is told now."))
    return redirect("analytics:at_risk")


@right("reports.view")
@require_GET
def outcomes(request: HttpRequest) -> HttpResponse:
    return render(request, "analytics/outcomes.html", {"report": Outcomes.known(timezone.now())})


@right("customers.export")
@require_http_methods(["GET", "HEAD", "POST"])
def download(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    found = list_of(request)
    if found is None:
        raise Http404
    table = Table(f"{found.name}.csv", found.rows().count(), _lines(found), f"list={found.name}")
    return hand_out(request, table, back=f"{reverse('analytics:at_risk')}?list={found.name}")


def _lines(found: RiskList) -> Iterator[list[Any]]:
    yield [_("Customer"), _("Why"), _("Comes back"), _("At stake"), _("Last order"), _("Flag"), _("Owner"), _("Due")]
    after = ""
    while True:
        rows, after = found.page(after)
        for row in rows:
            scores = row.scores
            why = row.why_now() if found.is_second else row.short()
            line = [str(scores.customer), strip_tags(why), row.comes_back, scores.at_stake]
            line += [scores.last_on.isoformat(), str(row.flag.stage.label) if row.flag else ""]
            line += [str(row.owner or ""), row.flag.due_on.isoformat() if row.flag and row.flag.due_on else ""]
            yield line
        if not after:
            return
