"""Changes of many: asked for from the list, done at once or in the background, looked at afterwards, taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.actions import Action, action_for_many
from crm.bulk import jobs
from crm.bulk.running import Bulk
from crm.bulk.showing import Shown, kept_rows
from crm.models import ChangeSet, Customer, Tag
from crm.segments.counting import count
from crm.segments.selection import Selection
from crm.undo.taking_back import AlreadyTakenBack, Outcome
from shop.access import right
from shop.formats import number
from shop.job_progress import progress_of
from shop.toasts import toast

AT_ONCE = 200  # so many are changed while one waits for the page
RECENT = 100


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def bulk_new(request: HttpRequest, name: str) -> HttpResponse:
    """Asks what exactly, then does it. Nothing is done without `do`, so a selection may also come by GET."""
    action = action_for_many(name)
    Customer.objects.allowed(request.user, action.right)
    told = request.POST if request.method == "POST" else request.GET
    selection = Selection.read(told, request.user)
    if selection.why_nobody:
        toast(request, selection.why_nobody)
        return redirect("crm:customers")
    form_class = import_string(action.many).form
    form = form_class(request.POST) if "do" in request.POST else form_class()
    if form.is_bound and not getattr(form, "incomplete", False) and form.is_valid():
        return _do(request, action, selection, form.params())
    if getattr(form, "incomplete", False):
        form = form_class(initial=dict(request.POST.items()))
    status = 422 if form.is_bound else 200
    return render(request, "crm/bulk/new.html", _asked(request, action, selection, form), status=status)


def _asked(request: HttpRequest, action: Action, selection: Selection, form: Any) -> dict[str, Any]:
    n, about = count(selection.question) if selection.all else (selection.customers.count(), False)
    one = selection.customers.first() if n == 1 and not selection.all else None
    for field in form.visible_fields()[:1]:
        field.field.widget.attrs["autofocus"] = True
    return {
        "action": action,
        "pairs": selection.pairs,
        "form": form,
        "n": n,
        "about": about,
        "one": one,
        "tags": Tag.objects.order_by("name")[:500] if "name" in form.fields else [],
        "back": _way_back(request) or (one.get_absolute_url() if one else _list_of(selection)),
        "way_back": _way_back(request),
    }


def _do(request: HttpRequest, action: Action, selection: Selection, params: dict[str, Any]) -> HttpResponse:
    bulk = Bulk.begin(action, selection, params, by=request.user)
    if selection.all or len(selection.ids) > AT_ONCE:
        jobs.request(bulk, jobs.CHANGE, request.user)
        return redirect("crm:bulk_one", bulk.change_set.pk)
    bulk.run()
    undo = reverse("crm:bulk_undo", args=[bulk.change_set.pk]) if bulk.changed else ""
    toast(request, bulk.sentence if bulk.changed else _("Nothing was different."), undo=undo)
    if way_back := _way_back(request):
        return redirect(way_back)
    if len(selection.ids) == 1:
        return redirect("crm:customer", selection.ids[0])
    return redirect(_list_of(selection))


def _list_of(selection: Selection) -> str:
    return f"{reverse('crm:customers')}?{selection.question.address()}"


def _way_back(request: HttpRequest) -> str:
    """Another list of ours from which one came."""
    told = request.POST if request.method == "POST" else request.GET
    wanted = told.get("back", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith("/") else ""


@require_POST
@right("customers.merge")
def bulk_merge(request: HttpRequest) -> HttpResponse:
    """Two cards go on to the page where they are laid side by side."""
    Customer.objects.allowed(request.user, "customers.merge")
    selection = Selection.read(request.POST, request.user)
    two = list(selection.customers.order_by("pk").values_list("pk", flat=True)[:3])
    if len(two) != 2:
        toast(request, _("Select exactly two cards to merge them."))
        return redirect(f"{reverse('crm:customers')}?{selection.question.address()}")
    return redirect("crm:merge", *two)


@require_GET
@right("customers.view")
def bulk_all(request: HttpRequest) -> HttpResponse:
    """What was changed in the last 30 days, and a way back."""
    Customer.objects.allowed(request.user, "customers.view")
    recent = ChangeSet.objects.recent().filter(kind=ChangeSet.Kind.BULK).select_related("by", "undone_by", "job")
    shown = [Shown.of(change_set, request.user) for change_set in recent.order_by("-at", "-pk")[:RECENT]]
    return render(request, "crm/bulk/all.html", {"bulks": shown})


@require_GET
@right("customers.view")
def bulk_one(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.view")
    change_set = _find(pk)
    shown = Shown.of(change_set, request.user)
    context = {"bulk": shown, "kept": kept_rows(change_set) if change_set.undone_at else []}
    if change_set.job and change_set.job.is_live:
        context |= progress_of(change_set.job)
        if change_set.job.requested_by_id != request.user.pk:
            context["cancel_url"] = ""
    template = "crm/bulk/_one.html" if request.htmx else "crm/bulk/one.html"
    return render(request, template, context)


@require_POST
@right("customers.edit")
def bulk_undo(request: HttpRequest, pk: int) -> HttpResponse:
    change_set = _find(pk)
    bulk = Bulk(change_set)
    Customer.objects.allowed(request.user, bulk.action.right)
    if not change_set.can_be_undone or not bulk.is_over:
        toast(request, _("This cannot be taken back any more.") if bulk.is_over else _("It is not done yet."))
        return redirect("crm:bulk_one", pk)
    if bulk.changed > AT_ONCE:
        jobs.request(bulk, jobs.TAKE_BACK, request.user)
        return redirect("crm:bulk_one", pk)
    try:
        toast(request, taken_back(bulk.take_back(by=request.user)))
    except AlreadyTakenBack:
        messages.success(request, _("It was taken back already."))
    return redirect("crm:bulk_one", pk)


def taken_back(outcome: Outcome) -> str:
    said = ngettext("Taken back for %(n)s customer.", "Taken back for %(n)s customers.", outcome.restored)
    said %= {"n": number(outcome.restored)}
    if outcome.kept:
        stay = ngettext("%(n)s was changed since and stays.", "%(n)s were changed since and stay.", outcome.kept)
        said += " " + stay % {"n": number(outcome.kept)}
    return said


def _find(pk: int) -> ChangeSet:
    bulks = ChangeSet.objects.filter(kind=ChangeSet.Kind.BULK).select_related("by", "undone_by", "job")
    return get_object_or_404(bulks, pk=pk)
