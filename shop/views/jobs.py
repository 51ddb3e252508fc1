"""Long work under way: how far it is, and a way to stop it."""

from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from shop.access import StaffRequest, signed_in
from shop.job_progress import progress_of
from shop.models import AuditRow, Job, User
from shop.views.door import safe_address


@signed_in
@require_GET
def job(request: StaffRequest, job_id: int) -> HttpResponse:
    """A page that waits for the end listens for the event "job-ended"."""
    progress = progress_of(allowed(request.user, job_id))
    response = render(request, "shell/_job.html", progress)
    return trigger_client_event(response, "job-ended", {"id": job_id}) if progress["finished"] else response


@signed_in
@require_POST
def cancel(request: StaffRequest, job_id: int) -> HttpResponse:
    found = allowed(request.user, job_id)
    with transaction.atomic():
        found.cancel()
        AuditRow.write("job.cancelled", by=request.user, subject=found)
    if getattr(request, "htmx", False):
        return render(request, "shell/_job.html", progress_of(found))
    came_from = urlsplit(request.headers.get("Referer", ""))
    return HttpResponseRedirect(safe_address(request, came_from.path))


def allowed(user: User, job_id: int) -> Job:
    """Whoever asked for the work, and who sees reports or keeps the settings."""
    if user.may("settings.edit") or user.may("reports.view"):
        return get_object_or_404(Job, pk=job_id)
    found = Job.objects.filter(pk=job_id, requested_by=user).first()
    if found is None:
        raise PermissionDenied
    return found
