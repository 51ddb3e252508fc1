"""What members of staff decide about themselves."""

from datetime import timedelta

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shop.access import signed_in
from shop.forms import ChangePasswordForm, ProfileForm
from shop.models import AuditRow, Throttle, User
from shop.sessions import stored
from shop.toasts import toast

TRIES, WINDOW = 5, timedelta(minutes=15)
SHOWN = 50  # sessions


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    # A copy: a refused form must not rename the person in the navigation.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            AuditRow.write("staff.profile_changed", by=saved)
        with translation.override(saved.language):
            toast(request, _("Saved."))
        return redirect("shop:profile")
    return _page(request, form=form)


@signed_in
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Ends the other sessions of this person; this one goes on."""
    user = User.objects.get(pk=request.user.pk)
    form = ChangePasswordForm(request.POST, user=user)
    if form.is_valid():
        if not Throttle.hit("password", str(user.pk), TRIES, WINDOW).allowed:
            form.add_error("current", _("There were too many tries. Try again in a quarter of an hour."))
        elif not user.check_password(form.cleaned_data["current"]):
            form.add_error("current", _("That is not the password you have now."))
        else:
            return _changed(request, user, form.cleaned_data["password"])
    return _page(request, password_form=form)


def _changed(request: HttpRequest, user: User, new: str) -> HttpResponse:
    user.set_password(new)
    with transaction.atomic():
        user.save(update_fields=["password"])
        AuditRow.write("staff.password_changed", by=user)
    Throttle.forget("password", str(user.pk))
    update_session_auth_hash(request, user)
    user.end_sessions(but=stored(request.session.session_key))
    toast(request, _("The new password is in force. Other devices are signed out."))
    return redirect("shop:profile")


def _page(request: HttpRequest, **forms: object) -> HttpResponse:
    mine = User.objects.select_related("second_factor").get(pk=request.user.pk)
    context = {
        "form": ProfileForm(instance=mine),
        "password_form": ChangePasswordForm(user=mine),
        "factor": getattr(mine, "second_factor", None),
        "sessions": mine.sessions.going_on()[:SHOWN],
        "this_one": stored(request.session.session_key),
        **forms,
    }
    return render(request, "shop/profile.html", context, status=422 if request.method == "POST" else 200)
