"""The import on its pages: choose a file, say which column is which, look, apply."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.bulk.showing import kept_rows
from crm.imports import files, jobs, remembering, running, wording
from crm.imports.download import rejected_csv
from crm.imports.forms import MappingForm, UploadForm
from crm.imports.kinds import all_kinds
from crm.imports.reasons import Refused, refusal_in_words
from crm.models import Import
from shop import disk
from shop.access import right
from shop.toasts import toast

SHOWN = 100  # rejected rows on the page; all of them are in the download
EARLIER = 20


@right("imports.run")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("crm:import_one", _begin(form, request.user).pk)
        except Refused as refused:
            form.add_error("file", str(refused))
    context = {
        "form": form,
        "full": disk.nearly_full(),
        "earlier": Import.objects.select_related("created_by", "changes").order_by("-created_at", "-pk")[:EARLIER],
        "kinds": all_kinds().values(),
    }
    return render(request, "crm/imports/start.html", context, status=422 if form.errors else 200)


def _begin(form: UploadForm, by: Any) -> Import:
    upload: UploadedFile = form.cleaned_data["file"]
    path = _kept(upload)
    try:
        said = form.cleaned_data
        begun = running.begin(path, name=upload.name or "", source=said["source"].strip(), kind=said["kind"], by=by)
    except Refused:
        path.unlink(missing_ok=True)
        raise
    if not begun.mapping_in_use.missing:
        jobs.request(begun, jobs.READ, by)
    return begun


def _kept(upload: UploadedFile) -> Path:
    """The file under a name of ours; theirs is only ever shown."""
    if disk.nearly_full():
        raise Refused("disk")
    if (upload.size or 0) > settings.IMPORT_LIMIT * files.MEGABYTE:
        raise Refused("too_large", limit=settings.IMPORT_LIMIT)
    path = Path(settings.MEDIA_ROOT) / "imports" / f"{uuid.uuid4().hex}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as target:
            for block in upload.chunks(files.BLOCK):
                target.write(block)
    except OSError as error:
        path.unlink(missing_ok=True)
        if disk.ran_out(error):
            raise Refused("disk") from error
        raise
    return path


@right("imports.run")
@require_GET
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    return _page(request, _found(import_id))


def _found(import_id: int) -> Import:
    return get_object_or_404(Import.objects.select_related("job", "created_by", "changes"), pk=import_id)


def _page(request: HttpRequest, found: Import, form: MappingForm | None = None) -> HttpResponse:
    working = bool(found.job and found.job.is_live)
    context = {
        "import": found,
        "working": working,
        "form": form or (None if found.applied_at or found.swept_at else MappingForm(found)),
        "mapping": found.mapping_in_use,
        "refusal": refusal_in_words(found.refusal),
        "failed": bool(found.job and found.job.state == "failed"),
        "mapped": not found.mapping_in_use.missing,
        "stayed": kept_rows(found.changes) if found.undone_at else [],
        **(_preview(found) if found.read_at else {}),
    }
    template = "crm/imports/_steps.html" if getattr(request, "htmx", False) else "crm/imports/one.html"
    return render(request, template, context, status=422 if form and form.errors else 200)


def _preview(found: Import) -> dict[str, Any]:
    report, kind = found.report, found.mapping_in_use.kind_of_file
    return {
        "stats": kind.stats(report, bool(found.applied_at)),
        "skipped": wording.skipped(report),
        "rejected_total": wording.rejected_total(report),
        "rejected_by_reason": wording.rejected(report),
        "rejected": [
            (bad, wording.rejection_in_words(bad.reason)) for bad in found.rejected.order_by("line", "pk")[:SHOWN]
        ],
        "samples": kind.changes(report),
        "changes": report["change"],
        "same": report["same"],
    }


@right("imports.run")
@require_POST
def mapping(request: HttpRequest, import_id: int) -> HttpResponse:
    """Read it again, with other columns or in another writing."""
    found = _found(import_id)
    if found.applied_at or found.swept_at:
        return redirect("crm:import_one", found.pk)
    form = MappingForm(found, request.POST)
    if form.other_sheet and not (found.job and found.job.is_live):
        return _other_sheet(request, found, form)
    if not form.is_valid():
        return _page(request, found, form)
    if not (found.job and found.job.is_live):
        found.remember(mapping=form.mapping.as_json, read_at=None, refused_at=None, refusal={})
        if kept_as := form.cleaned_data["keep_as"].strip():
            remembering.remember(found, kept_as)
        if not form.mapping.missing:
            jobs.request(found, jobs.READ, request.user)
    return redirect("crm:import_one", found.pk)


def _other_sheet(request: HttpRequest, found: Import, form: MappingForm) -> HttpResponse:
    try:
        running.choose_sheet(found, form.other_sheet)
    except Refused as refused:
        form.add_error("sheet", str(refused))
        return _page(request, found, form)
    if not found.mapping_in_use.missing:
        jobs.request(found, jobs.READ, request.user)
    return redirect("crm:import_one", found.pk)


@right("imports.run")
@require_POST
def application(request: HttpRequest, import_id: int) -> HttpResponse:
    found = _found(import_id)
    if found.can_be_applied:
        jobs.request(found, jobs.APPLY, request.user)
    return redirect("crm:import_one", found.pk)


@right("imports.run")
@require_POST
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take an applied import back, with the updates it made."""
    found = _found(import_id)
    if found.can_be_undone and not (found.job and found.job.is_live):
        jobs.request(found, jobs.UNDO, request.user)
    return redirect("crm:import_one", found.pk)


@right("imports.run")
@require_POST
def removal(request: HttpRequest, import_id: int) -> HttpResponse:
    """Forget a file that was not applied."""
    found = _found(import_id)
    if not found.applied_at and not (found.job and found.job.is_live):
        running.discard(found)
        found.delete()
        toast(request, _("The file is forgotten; nothing was changed."))
        return redirect("crm:import")
    return redirect("crm:import_one", found.pk)


@right("imports.run")
@require_GET
def rejected(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    found = _found(import_id)
    answer = StreamingHttpResponse(rejected_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejected-{found.pk}.csv"'
    return answer
