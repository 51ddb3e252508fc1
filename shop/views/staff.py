"""Who works here: invite, change the role, take the access away and give it back."""

import logging

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shop.access import StaffRequest, right
from shop.forms import InviteForm, RoleForm
from shop.links import Purpose, ask_for_link
from shop.models import AuditRow, LastAdministrator, SecondFactor, User
from shop.signing_in import look_at_codes_again, stopped
from shop.toasts import toast

log = logging.getLogger(__name__)


@right("staff.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: StaffRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invited = _invite(request.user, form)
        _noted(request, "staff invited", invited)
        toast(request, _("%(name)s is invited; the mail is on its way.") % {"name": invited})
        return redirect("shop:staff")
    return _page(request, form, status=422 if request.method == "POST" else 200)


@transaction.atomic
def _invite(by: User, form: InviteForm) -> User:
    invited = User.objects.create_user(**form.cleaned_data, language=by.language)
    ask_for_link(Purpose.INVITE, invited.pk)
    AuditRow.write("staff.invited", by=by, subject=invited, role=invited.role)
    return invited


@right("staff.manage")
@require_POST
def role(request: StaffRequest, user_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=user_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    try:
        person.change_role(form.cleaned_data["role"], by=request.user)
    except LastAdministrator:
        return _last_administrator(request)
    _noted(request, "staff role changed", person)
    toast(request, _("%(name)s: %(role)s.") % {"name": person, "role": person.get_role_display()})
    return redirect("shop:staff")


@right("staff.manage")
@require_POST
def access(request: StaffRequest, user_id: int) -> HttpResponse:
    """allowed=1 gives the access back, allowed=0 takes it away at once."""
    person = get_object_or_404(User, pk=user_id)
    if request.POST.get("allowed") not in ("0", "1"):
        return HttpResponse(status=400)
    if request.POST["allowed"] == "1":
        person.reactivate(by=request.user)
        toast(request, _("%(name)s can sign in again.") % {"name": person})
    else:
        try:
            person.deactivate(by=request.user)
        except LastAdministrator:
            return _last_administrator(request)
        toast(request, _("%(name)s is signed out everywhere and cannot sign in.") % {"name": person})
    _noted(request, "staff access changed", person)
    return redirect("shop:staff")


@right("staff.manage")
@require_POST
def second_factor(request: StaffRequest, user_id: int) -> HttpResponse:
    """Takes it from somebody who lost the phone; one's own goes by a code of it, on the profile."""
    person = get_object_or_404(User, pk=user_id)
    if person.pk == request.user.pk:
        return redirect("shop:second_factor")
    with transaction.atomic():
        if SecondFactor.take_from(person):
            look_at_codes_again(person)
            AuditRow.write("second_factor.taken", by=request.user, subject=person)
    toast(request, _("%(name)s signs in with the password alone, and is signed out everywhere.") % {"name": person})
    return redirect("shop:staff")


@right("staff.manage")
@require_POST
def codes(request: StaffRequest, user_id: int) -> HttpResponse:
    """Looks at codes of somebody again who typed too many wrong ones today."""
    person = get_object_or_404(User, pk=user_id)
    with transaction.atomic():
        if stopped([person]):
            look_at_codes_again(person)
            AuditRow.write("second_factor.released", by=request.user, subject=person)
    toast(request, _("%(name)s can type codes again.") % {"name": person})
    return redirect("shop:staff")


@right("staff.manage")
@require_POST
def invitation(request: StaffRequest, user_id: int) -> HttpResponse:
    person = get_object_or_404(User.objects.active(), pk=user_id)
    if not person.is_invited:
        toast(request, _("%(name)s has accepted already.") % {"name": person})
        return redirect("shop:staff")
    with transaction.atomic():
        ask_for_link(Purpose.INVITE, person.pk)
        AuditRow.write("staff.invited_again", by=request.user, subject=person)
    toast(request, _("A new invitation to %(name)s is on its way.") % {"name": person})
    return redirect("shop:staff")


def _last_administrator(request: StaffRequest) -> HttpResponse:
    refused = _("This is the last administrator. Make somebody else one first, or nobody could let people in.")
    return _page(request, InviteForm(), status=409, refused=refused)


def _page(request: StaffRequest, form: InviteForm, status: int, refused: str = "") -> HttpResponse:
    people = User.objects.for_the_list()
    context = {"people": people, "roles": User.Role.choices, "form": form, "refused": refused}
    context["stopped"] = stopped(person for person in people if person.has_second_factor)
    return render(request, "shop/staff.html", context, status=status)


def _noted(request: StaffRequest, what: str, person: User) -> None:
    log.info(what, extra={"user": request.user.pk, "about": person.pk})
