"""The second factor of whoever is signed in: switched on, its recovery codes, switched off."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shop import qr, totp
from shop.access import StaffRequest, before_second_factor, signed_in
from shop.confirmation import PasswordForm, SureForm
from shop.forms import CodeField
from shop.models import AuditRow, SecondFactor, Setting, User
from shop.sealing import Unreadable, seal, unseal
from shop.sessions import stored
from shop.signing_in import SECOND, owes_second_factor
from shop.toasts import toast
from shop.views.door import safe_address


class SwitchOnForm(PasswordForm):
    """Carries the new secret from page to page, sealed for this person: nothing is stored before a code of it came."""

    code = CodeField(label=gettext_lazy("Code that the app shows"), help_text=gettext_lazy("Six digits."))
    field_order = ["code", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purpose = f"second factor to be of {self.request.user.pk}"
        try:
            self.secret = unseal(self.data.get("sealed", ""), purpose)
        except Unreadable:
            self.secret = totp.new_secret()
        self.resealed = seal(self.secret, purpose)

    def clean_code(self) -> str:
        return self.cleaned_data["code"]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@before_second_factor
def second_factor(request: StaffRequest) -> HttpResponse:
    back = safe_address(request, request.GET["next"]) if "next" in request.GET else ""
    factor = SecondFactor.objects.filter(user=request.user).first()
    if factor:
        return _page(request, factor)
    form = SwitchOnForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        codes = _switched_on(request, form.secret, form.cleaned_data["code"])
        if codes:
            return render(request, "shop/recovery_codes.html", {"codes": codes, "back": back, "first": True})
        form.add_error("code", _("That code does not fit. The app shows a new one every half minute; type the next."))
        form.fields.pop("password", None)
    return _enrolment(request, form)


@transaction.atomic
def _switched_on(request: StaffRequest, secret: str, typed: str) -> list[str] | None:
    """Ends the other sessions of this person: none goes on that came in by the password alone."""
    codes = SecondFactor.switch_on(request.user, secret, typed)
    if codes:
        request.session[SECOND] = True
        request.session.cycle_key()
        request.user.end_sessions(but=stored(request.session.session_key))
        AuditRow.write("second_factor.on", by=request.user)
    return codes


def _enrolment(request: StaffRequest, form: SwitchOnForm) -> HttpResponse:
    shop, secret = Setting.get("shop.name"), form.secret
    context = {
        "form": form,
        "qr": qr.drawn(totp.address(secret, request.user.email, shop), _("The secret as a QR code, for the app")),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    template = "shop/second_factor_first.html" if owes_second_factor(request) else "shop/second_factor_on.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)


@signed_in
@require_POST
def recovery_codes(request: StaffRequest) -> HttpResponse:
    return _changed(request, "codes_form", _renewed)


@signed_in
@require_POST
def off(request: StaffRequest) -> HttpResponse:
    if _is_required(request.user):
        return redirect("shop:second_factor")  # which says so
    return _changed(request, "off_form", _switched_off)


def _changed(request: StaffRequest, name: str, change: Any) -> HttpResponse:
    """After one more code, asked for each time."""
    factor = SecondFactor.objects.filter(user=request.user).first()
    if factor is None:
        return redirect("shop:second_factor")
    form = SureForm(request.POST, request=request, prefix=name)
    if not form.is_valid():
        return _page(request, factor, **{name: form})
    with transaction.atomic():
        return change(request, factor)


def _renewed(request: StaffRequest, factor: SecondFactor) -> HttpResponse:
    codes = factor.renew_codes()
    AuditRow.write("second_factor.codes", by=request.user)
    return render(request, "shop/recovery_codes.html", {"codes": codes, "first": False})


def _switched_off(request: StaffRequest, factor: SecondFactor) -> HttpResponse:
    factor.delete()
    request.session.pop(SECOND, None)
    AuditRow.write("second_factor.off", by=request.user)
    toast(request, _("The second factor is off; the password alone opens your account now."))
    return redirect("shop:profile")


def _is_required(user: User) -> bool:
    return user.role == User.Role.ADMINISTRATOR and bool(Setting.get("staff.second_factor"))


def _page(request: StaffRequest, factor: SecondFactor, **form: SureForm) -> HttpResponse:
    forms = {name: SureForm(request=request, prefix=name) for name in ("codes_form", "off_form")}
    context = {"factor": factor, "required": _is_required(request.user), **forms, **form}
    status = 422 if request.method == "POST" else 200
    return render(request, "shop/second_factor.html", context, status=status)
