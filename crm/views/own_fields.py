"""The page where a shop defines fields of its own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.models import CustomField
from crm.models.custom_field import MOST_FIELDS, ChoicesInUse, KindInUse, in_use_sentence
from crm.own_fields.forms import ChangeForm, DefineForm
from shop.access import right
from shop.formats import number
from shop.toasts import toast


@require_http_methods(["GET", "HEAD", "POST"])
@right("settings.edit")
def own_fields(request: HttpRequest) -> HttpResponse:
    form = DefineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if CustomField.objects.count() >= MOST_FIELDS:
            form.add_error(None, _("A shop has at most %(n)s fields of its own.") % {"n": MOST_FIELDS})
        elif made := _defined(request, form):
            toast(request, _("%(field)s stands on every card now.") % {"field": made})
            return redirect("crm:own_fields")
    fields = CustomField.objects.order_by("position", "pk")
    context = {
        "form": form,
        "present": [field for field in fields if not field.archived_at],
        "archived": [field for field in fields if field.archived_at],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "crm/own_fields/fields.html", context, status=status)


def _defined(request: HttpRequest, form: DefineForm) -> CustomField | None:
    try:
        with transaction.atomic():
            return CustomField.define(**form.cleaned_data, actor=request.user.actor)
    except IntegrityError:
        form.add_error("key", _("There is a field with this key already."))
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@right("settings.edit")
def own_field(request: HttpRequest, pk: int) -> HttpResponse:
    field = get_object_or_404(CustomField, pk=pk)
    form = ChangeForm(request.POST or None, initial=ChangeForm.of(field))
    if request.method == "POST" and form.is_valid():
        try:
            if field.change(**form.cleaned_data, actor=request.user.actor):
                toast(request, _("%(field)s saved.") % {"field": field})
            return redirect("crm:own_fields")
        except (KindInUse, ChoicesInUse) as refused:
            form.add_error(*_refusal(refused))
    status = 422 if request.method == "POST" else 200
    return render(request, "crm/own_fields/field.html", {"form": form, "field": field}, status=status)


def _refusal(refused: Any) -> tuple[str, ValidationError]:
    if isinstance(refused, KindInUse):
        return "kind", ValidationError(in_use_sentence(refused.used))
    said = ngettext(
        "%(n)s card has one of these: %(choices)s.", "%(n)s cards have one of these: %(choices)s.", refused.used
    )
    return "choices", ValidationError(said % {"n": number(refused.used), "choices": ", ".join(refused.choices)})


@require_POST
@right("settings.edit")
def own_field_place(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(CustomField, pk=pk).move(-1 if request.POST.get("step") == "up" else 1)
    return redirect("crm:own_fields")


@require_POST
@right("settings.edit")
def own_field_archive(request: HttpRequest, pk: int) -> HttpResponse:
    field = get_object_or_404(CustomField, pk=pk)
    if field.archive(actor=request.user.actor):
        said = _("%(field)s is put away; the values stay.") % {"field": field}
        toast(request, said, undo=reverse("crm:own_field_return", args=[pk]))
    return redirect("crm:own_fields")


@require_POST
@right("settings.edit")
def own_field_return(request: HttpRequest, pk: int) -> HttpResponse:
    field = get_object_or_404(CustomField, pk=pk)
    if field.restore(actor=request.user.actor):
        toast(request, _("%(field)s is back.") % {"field": field})
    return redirect("crm:own_fields")
