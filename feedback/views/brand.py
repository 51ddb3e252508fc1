"""How the shop looks on the form: its page, and what the form itself fetches of it."""

import re
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from feedback.models import Brand
from feedback.models.brand import HEAVIEST, HEX
from feedback.surveys.colour import tones
from shop.access import public, right
from shop.models import Setting
from shop.toasts import toast

HOUSE = "#0f5668"  # the accent of every page, to begin with
KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
WEEK = "public, max-age=604800"


class BrandForm(forms.ModelForm):
    own_accent = forms.BooleanField(label=gettext_lazy("A colour of our own"), required=False)
    picture = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp", "data-heaviest": HEAVIEST}),
        help_text=gettext_lazy("PNG, JPEG or WebP. It is made small on its way, so that the form opens at once."),
    )
    no_picture = forms.BooleanField(label=gettext_lazy("No logo"), required=False)

    class Meta:
        model = Brand
        fields = ["name", "accent"]
        widgets = {"accent": forms.TextInput({"type": "color"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["placeholder"] = Setting.get("shop.name")
        self.initial["own_accent"] = bool(self.instance.accent)
        self.initial["accent"] = self.instance.accent or HOUSE
        self.fields["own_accent"].initial = bool(self.instance.accent)
        if not self.instance.logo_type:
            del self.fields["no_picture"]

    def clean_accent(self) -> str:
        return self.cleaned_data["accent"].lower()

    def clean_picture(self) -> tuple[bytes, str] | None:
        picture = self.cleaned_data["picture"]
        if not picture:
            return None
        if picture.size > HEAVIEST:
            raise forms.ValidationError(_("At most %(n)s bytes: choose a smaller picture.") % {"n": HEAVIEST})
        data = picture.read()
        kind = next((kind for head, kind in KINDS.items() if data.startswith(head)), "")
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            kind = "webp"
        if not kind:
            raise forms.ValidationError(_("This is no PNG, JPEG or WebP."))
        return data, kind

    def keep(self, *, actor: str) -> None:
        said, brand = self.cleaned_data, self.instance
        brand.accent = said["accent"] if said["own_accent"] else ""
        if said["picture"]:
            brand.logo, brand.logo_type = said["picture"]
        elif said.get("no_picture"):
            brand.logo, brand.logo_type = None, ""
        brand.settle(actor=actor)


@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
def brand(request: HttpRequest) -> HttpResponse:
    kept = Brand.objects.first() or Brand(pk=Brand.ONLY)
    form = BrandForm(request.POST or None, request.FILES or None, instance=kept)
    if request.method == "POST" and form.is_valid():
        form.keep(actor=request.user.actor)
        toast(request, _("The form looks like this from now on."))
        return redirect("feedback:brand")
    status = 422 if request.method == "POST" else 200
    shown = Brand.now()
    context = {"form": form, "brand": shown, "tones": tones(shown.accent or HOUSE)}
    return render(request, "feedback/surveys/brand.html", context, status=status)


@require_GET
@right("surveys.edit")
def brand_tones(request: HttpRequest) -> HttpResponse:
    """How a colour would look, before it is kept."""
    accent = request.GET.get("accent", "").lower()
    chosen = accent if re.fullmatch(HEX, accent) else HOUSE
    return render(request, "feedback/surveys/_tones.html", {"tones": tones(chosen)})


@require_GET
@public
def brand_css(request: HttpRequest) -> HttpResponse:
    kept = Brand.now()
    css = tones(kept.accent).css if kept.accent else ""
    return HttpResponse(css, content_type="text/css; charset=utf-8", headers={"Cache-Control": WEEK})


@require_GET
@public
def brand_logo(request: HttpRequest) -> HttpResponse:
    kept = Brand.objects.exclude(logo_type="").first()
    if kept is None or kept.logo is None:
        raise Http404
    return HttpResponse(bytes(kept.logo), content_type=f"image/{kept.logo_type}", headers={"Cache-Control": WEEK})
