"""Where somebody is signed in, and the end of it."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from shop.access import StaffRequest, signed_in
from shop.models import AuditRow
from shop.sessions import stored
from shop.toasts import toast


@signed_in
@require_POST
@transaction.atomic
def end_one(request: StaffRequest, digest: str) -> HttpResponse:
    """One of one's own, but not this one: that is signing out."""
    others = request.user.sessions.exclude(pk=stored(request.session.session_key))
    session = get_object_or_404(others, pk=digest)
    session.delete()
    AuditRow.write("staff.session_ended", by=request.user)
    toast(request, _("%(device)s is signed out.") % {"device": session.device})
    return redirect("shop:profile")


@signed_in
@require_POST
@transaction.atomic
def end_others(request: StaffRequest) -> HttpResponse:
    ended = request.user.end_sessions(but=stored(request.session.session_key))
    AuditRow.write("staff.sessions_ended", by=request.user, count=ended)
    said = ngettext("%d other device is signed out.", "%d other devices are signed out.", ended) % ended
    toast(request, said if ended else _("You are signed in nowhere else."))
    return redirect("shop:profile")
