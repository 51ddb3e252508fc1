"""Retention clocks: what is kept for how long, what would go now, and a run of them before the night."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crm.privacy import clocks as kept
from crm.privacy.jobs import CLOCKS
from shop.access import StaffRequest, right
from shop.models import AuditRow, Job

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@right("settings.edit")
def clocks(request: StaffRequest) -> HttpResponse:
    """The dry run of all of them. POST has them run now, in the background."""
    if request.method == "POST":
        with transaction.atomic():
            Job.request(CLOCKS, by=request.user)
            AuditRow.write("clocks.asked", by=request.user)
        return redirect("crm:clocks")
    every = kept.all_clocks()
    over = kept.counts(every)
    context = {
        "clocks": [
            {"clock": one, "length": lasts(one), "over": over.get(one.name, 0), "url": _page(one)} for one in every
        ],
        "most": kept.COUNTED,
        "job": Job.objects.live().filter(lane=CLOCKS).first(),
    }
    return render(request, "crm/privacy/clocks.html", context)


@require_safe
@right("settings.edit")
def clock(request: StaffRequest, name: str) -> HttpResponse:
    """How many rows of one clock would go, and the first of them."""
    found = kept.called(name)
    if found is None:
        raise Http404
    context = {
        "clock": found,
        "length": lasts(found),
        "over": kept.counts([found]).get(found.name, 0),
        "most": kept.COUNTED,
        "rows": found.first(SHOWN),
        "screen": found.setting.partition(".")[0],
    }
    return render(request, "crm/privacy/clock.html", context)


def lasts(clock: kept.Clock) -> str:
    n = clock.length
    if not n:
        return ""
    words = {
        "hours": ngettext("%d hour", "%d hours", n),
        "days": ngettext("%d day", "%d days", n),
        "years": ngettext("%d year", "%d years", n),
    }
    return words[clock.unit] % n


def _page(clock: kept.Clock) -> str:
    return reverse(clock.page) if clock.page else reverse("crm:clock", args=[clock.name])
