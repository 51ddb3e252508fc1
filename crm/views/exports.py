"""The export of customers: which columns, the password once more, then the file for 24 hours."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from crm.facets import Facet
from crm.models import Customer, Export
from crm.segments import exporting, tabs
from crm.segments.counting import Count, count
from crm.segments.question import Question
from crm.segments.selection import Selection
from shop.access import StaffRequest, right
from shop.confirmation import PasswordForm
from shop.models import Throttle

PER_HOUR = 10


class ExportForm(PasswordForm):
    column = forms.MultipleChoiceField(label=gettext_lazy("Columns"), required=False)
    format = forms.ChoiceField(
        label=gettext_lazy("File"), choices=Export.Format, widget=forms.RadioSelect, initial=Export.Format.CSV
    )
    field_order = ["column", "format", "password"]

    def __init__(self, *args: Any, facets: list[Facet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["column"].choices = [(facet.name, facet.label) for facet in facets]


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.export")
def exports(request: StaffRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.export")
    selection = Selection.read(request.POST if request.method == "POST" else request.GET, request.user)
    question, number = selection.meant, count(selection.meant)
    form = _form(request, question)
    able = request.method == "POST" and question.readable and number.n > 0
    if able and form.is_valid() and _within_the_limit(form, request.user):
        return _begun(request, selection, form, number)
    context = {
        "form": form,
        "count": number,
        "question": question,
        "pairs": selection.pairs,
        "chosen": form["column"].value() or [],
        "back": selection.question.address(),
    }
    return render(request, "crm/exports/new.html", context, status=422 if request.method == "POST" else 200)


def _form(request: HttpRequest, question: Question) -> ExportForm:
    views = tabs.views_of(request.user, question.facets)
    shown = tabs.columns(tabs.opened(views, question) or views[0], question.facets)
    chosen = [facet.name for facet in shown]
    others = [facet for facet in question.facets.values() if facet.name not in chosen and facet.name != "name"]
    return ExportForm(request.POST or None, request=request, facets=[*shown, *others], initial={"column": chosen})


def _within_the_limit(form: ExportForm, user: Any) -> bool:
    verdict = Throttle.hit("export", str(user.pk), PER_HOUR, timedelta(hours=1))
    if not verdict.allowed:
        form.add_error(None, _("At most %(n)s exports an hour. Try again later.") % {"n": PER_HOUR})
    return verdict.allowed


def _begun(request: StaffRequest, selection: Selection, form: ExportForm, number: Count) -> HttpResponse:
    export = Export.objects.create(
        by=request.user,
        address=selection.question.address(),
        picked=None if selection.all else list(selection.ids),
        columns=form.cleaned_data["column"],
        format=form.cleaned_data["format"],
    )
    try:
        exporting.request(export, number.n, number.about)
    except exporting.NoRoom:
        form.add_error(None, _("The disk is nearly full; nothing more is written until there is room."))
        export.delete()
        return render(request, "crm/exports/new.html", {"form": form, "count": number}, status=422)
    return redirect("crm:export", export.pk)


@require_GET
@right("customers.export")
def export(request: HttpRequest, export_id: int) -> HttpResponse:
    """How far it is, and then the link."""
    return render(request, "crm/exports/one.html", {"export": _mine(request, export_id)})


@require_GET
@right("customers.export")
def file(request: HttpRequest, export_id: int) -> FileResponse:
    export = _mine(request, export_id)
    if not export.is_there or not export.path.exists():
        raise Http404
    name = f"customers-{export.created_at:%Y-%m-%d}-{export.pk}.{export.format}"
    answer = FileResponse(export.path.open("rb"), as_attachment=True, filename=name)
    answer["Cache-Control"] = "no-store"
    return answer


def _mine(request: HttpRequest, pk: int) -> Export:
    Customer.objects.allowed(request.user, "customers.export")
    return get_object_or_404(Export.objects.select_related("job"), pk=pk, by=request.user)
