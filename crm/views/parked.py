"""Reactions that failed five times: why, since when, and another try."""

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crm.models import Reaction
from shop.access import right
from shop.toasts import toast

BATCH = 500


@right("settings.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def parked(request: HttpRequest) -> HttpResponse:
    """POST gives the parked reactions of one name another five tries."""
    waiting = Reaction.objects.filter(parked_at__isnull=False)
    if request.method == "POST":
        chosen = list(waiting.filter(name=request.POST.get("name", ""))[:BATCH])
        for reaction in chosen:
            reaction.replay()
        toast(request, _said(len(chosen)))
        return redirect("crm:parked")
    groups = (
        waiting.values("name", "last_error").annotate(n=Count("pk"), since=Min("parked_at")).order_by("since", "name")
    )
    return render(request, "crm/parked.html", {"groups": groups[:100]})


def _said(count: int) -> str:
    if not count:
        return _("Nothing of that kind is stuck any more.")
    return ngettext("%d is tried again.", "%d are tried again.", count) % count
