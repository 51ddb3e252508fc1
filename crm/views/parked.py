"""Reactions that failed five times: why, since when, and another try; or not any more, and why."""

from django.db.models import Count, Min, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crm.models import Reaction
from shop.access import StaffRequest, right
from shop.toasts import toast

BATCH = 500
LONGEST = 200


@right("settings.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def parked(request: StaffRequest) -> HttpResponse:
    """POST gives the parked reactions of one name and error another five tries, or gives them up for a reason."""
    waiting = Reaction.objects.filter(parked_at__isnull=False)
    if request.method == "POST":
        chosen = waiting.filter(name=request.POST.get("name", ""), last_error=request.POST.get("error", ""))
        if request.POST.get("do") == "give_up":
            return _give_up(request, chosen)
        some = list(chosen[:BATCH])
        for reaction in some:
            reaction.replay()
        toast(request, _said(len(some)))
        return redirect("crm:parked")
    groups = (
        waiting.values("name", "last_error").annotate(n=Count("pk"), since=Min("parked_at")).order_by("since", "name")
    )
    return render(request, "crm/parked.html", {"groups": groups[:100]})


def _give_up(request: StaffRequest, chosen: QuerySet[Reaction]) -> HttpResponse:
    why = request.POST.get("why", "").strip()[:LONGEST]
    if not why or not why.isprintable():
        toast(request, _("Say why, in a few words: it is kept beside what was given up."))
        return redirect("crm:parked")
    n = Reaction.give_up(chosen, why=why, actor=request.user.actor)
    toast(request, ngettext("%d was given up.", "%d were given up.", n) % n)
    return redirect("crm:parked")


def _said(count: int) -> str:
    if not count:
        return _("Nothing of that kind is stuck any more.")
    return ngettext("%d is tried again.", "%d are tried again.", count) % count
