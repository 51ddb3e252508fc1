"""API keys: make one (shown once), withdraw one."""

import logging
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from shop.access import all_patterns, declared, right
from shop.models import ApiKey, TwoKeysLive
from shop.rights import RIGHTS
from shop.toasts import toast

log = logging.getLogger(__name__)


def scopes() -> list[tuple[str, Any]]:
    """What some address of the API asks for; every other right would open nothing."""
    api = [pattern.callback for route, _name, pattern in all_patterns() if route.startswith("api/")]
    asked = {declared(view, method) for view in api for method in ("GET", "POST")}
    return [(name, label) for name, label in RIGHTS.items() if name in asked | ALSO]


# Asked for beside the right of an address.
ALSO = {"comments.see_author"}


def _lasting() -> list[tuple[str, Any]]:
    days = [(str(n), ngettext_lazy("%d day", "%d days", n) % n) for n in (30, 90, 365)]
    return [*days, ("", _("Until it is withdrawn"))]


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Which program uses it"),
        max_length=64,
        help_text=_("Two keys of one name may live at a time, so that a new one can take over from the old."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=scopes,
        widget=forms.CheckboxSelectMultiple,
        initial=["orders.add"],
    )
    days = forms.ChoiceField(label=_("How long"), choices=_lasting, required=False, initial="365")

    def make(self, by: Any) -> str | None:
        """The text of the key; None, with an error on the form, when the name has two already."""
        told = self.cleaned_data
        lasts = timedelta(days=int(told["days"])) if told["days"] else None
        try:
            key, text = ApiKey.make(told["name"], told["scopes"], by=by, lasts=lasts)
        except TwoKeysLive:
            self.add_error("name", _("Two keys of this name are live. Withdraw one first."))
            return None
        log.info("api key made", extra={"user": by.pk, "key": key.pk})
        return text


@right("keys.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    form = KeyForm(request.POST if request.method == "POST" else None)
    made = form.make(by=request.user) if form.is_bound and form.is_valid() else None
    status = 422 if form.is_bound and not made else 200
    context = {"keys": ApiKey.objects.for_the_list(), "form": KeyForm() if made else form, "made": made}
    return render(request, "shop/keys.html", context, status=status)


@right("keys.manage")
@require_POST
def withdraw(request: HttpRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=key_id)
    if key.withdraw(by=request.user):
        log.info("api key withdrawn", extra={"user": request.user.pk, "key": key.pk})
    toast(request, gettext("%(name)s no longer opens anything.") % {"name": key})
    return redirect("shop:keys")
