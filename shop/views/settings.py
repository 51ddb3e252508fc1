"""Settings: an index of screens, and one screen per room made of its preferences."""

from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from shop.access import StaffRequest, right
from shop.navigation import address
from shop.own_shop import other_shop
from shop.preference_forms import PreferencesForm
from shop.preferences import all_preferences
from shop.toasts import toast


class ScreenConverter:
    """The screens that preferences name; anything else is left to other addresses below /settings/."""

    regex = "[a-z]+"

    def to_python(self, value: str) -> str:
        if value not in {preference.screen for preference in all_preferences()}:
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        return value


@right("settings.edit")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    groups = [(label, list(shown)) for label, shown in groupby(places(request), key=lambda one: one["place"].group)]
    return render(request, "shop/settings.html", {"groups": groups})


def places(request: StaffRequest) -> list[dict[str, Any]]:
    """Every screen and page of the settings that is built and that this person may open."""
    shown = []
    for place in import_string(settings.SETTINGS_PLACES):
        url = screen_address(place.screen) if place.screen else address(place.view)
        if place.view == "shop:own_shop" and not other_shop():
            continue
        if url and request.user.may(place.right):
            shown.append({"place": place, "url": url})
    return shown


def screen_address(screen: str) -> str:
    known = screen in {preference.screen for preference in all_preferences()}
    return reverse("shop:settings_screen", args=[screen]) if known else ""


@right("settings.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: StaffRequest, screen: str) -> HttpResponse:
    form = PreferencesForm(screen, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        changed = form.save(by=request.user)
        toast(request, _said(changed))
        return redirect("shop:settings_screen", screen)
    place = next((p for p in import_string(settings.SETTINGS_PLACES) if p.screen == screen), None)
    context = {"form": form, "screen": screen, "place": place}
    return render(request, "shop/settings_screen.html", context, status=422 if request.method == "POST" else 200)


def _said(changed: list) -> str:
    if not changed:
        return _("Nothing was different, so nothing was changed.")
    return ngettext("%d setting is in force from now on.", "%d settings are in force from now on.", len(changed)) % (
        len(changed)
    )
