"""Backups: which there are, whether each was proved, and another one now. Restoring is for the command line."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shop.access import StaffRequest, right
from shop.backup import jobs, shelf
from shop.models import AuditRow, Job
from shop.toasts import toast


@right("settings.edit")
@require_GET
def backups(request: HttpRequest) -> HttpResponse:
    context = {
        "backups": shelf.backups(),
        "shelf": shelf.shelf(),
        "manage": settings.MANAGE,
        "job": Job.objects.live().filter(lane=jobs.LANE).first(),
        "last": _last_that_went_wrong(),
        "nightly": settings.BACKUP_KEEP if settings.SHOP != "demo" else 0,
    }
    return render(request, "shop/backups.html", context)


@right("settings.edit")
@require_POST
def take(request: StaffRequest) -> HttpResponse:
    with transaction.atomic():
        Job.request(jobs.TAKE, lane=jobs.LANE, by=request.user)
        AuditRow.write("backup.asked", by=request.user)
    return redirect("shop:backups")


@right("settings.edit")
@require_POST
def verify(request: StaffRequest, name: str) -> HttpResponse:
    if shelf.called(name) is None:
        raise Http404
    job = Job.request(jobs.VERIFY, lane=jobs.LANE, by=request.user, backup=name)
    if job.params.get("backup") == name:
        AuditRow.write("backup.verified", by=request.user, backup=name)
    else:
        toast(request, _("Another backup is being worked on. Try again when it is done."))
    return redirect("shop:backups")


def _last_that_went_wrong() -> dict[str, Any] | None:
    """The newest job of this kind, when it made or proved nothing."""
    last = Job.objects.filter(lane=jobs.LANE).exclude(ended_at=None).order_by("-pk").first()
    if last is None or not (last.state == Job.State.FAILED or last.result.get("refused")):
        return None
    return {"at": last.ended_at, "why": last.result.get("refused") or last.error}
