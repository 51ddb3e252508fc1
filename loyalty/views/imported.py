"""Imported orders earn nothing, unless somebody says of an import from which day on."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.models import Import
from loyalty.models import ImportedOrders
from loyalty.points.days import zone
from loyalty.programme import importing
from shop.access import right
from shop.models import Job
from shop.toasts import toast
from shop.typed import key_in

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
def imported(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "loyalty/programme/imported.html", {"rows": _rows()})
    brought = get_object_or_404(_imports(), pk=key_in(request.POST.get("import", "")))
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return render(
            request, "loyalty/programme/imported.html", {"rows": _rows(), "wrong": _("From which day on?")}, status=422
        )
    importing.earn(brought, datetime.combine(day, time(), tzinfo=zone()), by=request.user)
    toast(request, _("Their points are being added."))
    return redirect("loyalty:imported")


def _imports() -> Any:
    """Orders are what a file brings that does not say otherwise."""
    applied = Import.objects.filter(applied_at__isnull=False)
    return applied.filter(Q(mapping__kind="orders") | ~Q(mapping__has_key="kind"))


def _rows() -> list[dict[str, Any]]:
    found = list(_imports().order_by("-pk")[:SHOWN])
    since = dict(
        ImportedOrders.objects.filter(import_id__in=[one.pk for one in found]).values_list("import_id", "since")
    )
    jobs = {job.params.get("import"): job for job in Job.objects.live().filter(kind=importing.KIND)}
    return [{"import": one, "since": since.get(one.pk), "job": jobs.get(one.pk)} for one in found]
