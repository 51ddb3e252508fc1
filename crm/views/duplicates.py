"""Cards of one person: the queue, two cards side by side, and a merge taken apart again."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.duplicates import preview, queue
from crm.duplicates.merging import CannotMerge, merge
from crm.duplicates.panels import may_be
from crm.duplicates.since import Since
from crm.duplicates.unmerging import CannotUnmerge, edited_since, unmerge, why_not
from crm.duplicates.wording import name_of, row_at, row_in_words
from crm.models import Consent, Customer, Duplicate, Merge
from crm.segments.search import find
from shop.access import right
from shop.toasts import toast

LONGEST = 200
FIELD = "field-"  # before the name of a field: whose value is taken
SHOWN = 200  # rows that came since and are asked about one by one


@require_GET
@right("customers.merge")
def duplicates(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.merge")
    pairs, following = queue.page_of(request.GET.get("after", ""))
    context = {"pairs": pairs, "following": following, "first_page": "after" not in request.GET}
    return render(request, "crm/duplicates/queue.html", context)


@require_POST
@right("customers.merge")
def dismissal(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Not the same person, for good."""
    first, second = _two(request, pk, other)
    pair = Duplicate.objects.pair(first.pk, second.pk).first()
    if Duplicate.dismiss(first.pk, second.pk, by=request.user):
        undo = reverse("crm:duplicate_return", args=[first.pk, second.pk])
        toast(request, _("%(one)s and %(other)s are two people.") % {"one": first, "other": second}, undo=undo)
    return _next(pair) if request.POST.get("then") == "next" else redirect("crm:duplicates")


@require_POST
@right("customers.merge")
def return_(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Takes "not the same person" back."""
    first, second = _two(request, pk, other)
    if Duplicate.reconsider(first.pk, second.pk):
        toast(request, _("%(one)s and %(other)s may be one person again.") % {"one": first, "other": second})
    return redirect("crm:merge", first.pk, second.pk)


@require_GET
@right("customers.merge")
def merge_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for the other card."""
    customers = Customer.objects.allowed(request.user, "customers.merge")
    customer = customers.get_or_404(pk)
    q = request.GET.get("q", "")[:LONGEST].strip()
    found = [one for one in find(q) if one.customer_id != customer.pk]
    people = customers.present().in_bulk([one.customer_id for one in found])
    rows = [(people[one.customer_id], one) for one in found if one.customer_id in people]
    context = {"customer": customer, "q": q, "rows": rows, "hints": [] if q else may_be(customer)}
    return render(request, "crm/duplicates/find.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.merge")
def merge_page(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    first, second = _two(request, pk, other)
    if first.pk == second.pk:
        return redirect(first)
    if request.method != "POST":
        return _side_by_side(request, first, second)

    cards = {str(card.pk): card for card in (first, second)}
    stays = cards.get(request.POST.get("stays", ""))
    if stays is None:
        return _side_by_side(request, first, second, status=422)
    goes = second if stays is first else first
    pair = Duplicate.objects.pair(first.pk, second.pk).first()
    try:
        merged = merge(stays, goes, actor=request.user.actor, by=request.user, taken=_taken(request.POST, goes))
    except CannotMerge as error:
        toast(request, _refused(error))
        return redirect(error.card) if error.why == "merged" else redirect("crm:duplicates")
    said = _("The card of %(goes)s went into that of %(stays)s.") % {"goes": goes, "stays": stays}
    toast(request, said, undo=reverse("crm:merged", args=[merged.pk]))
    return _next(pair) if request.POST.get("then") == "next" else redirect(stays)


def _taken(sent: QueryDict, goes: Customer) -> set[str]:
    """The fields whose value of the card that goes is kept."""
    asked = ((name, value) for name, value in sent.items() if name.startswith(FIELD))
    return {name.removeprefix(FIELD) for name, value in asked if value == str(goes.pk)}


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.merge")
def merged(request: HttpRequest, pk: int) -> HttpResponse:
    """One merge: who, when, what came since; and the way back."""
    Customer.objects.allowed(request.user, "customers.merge")
    done = get_object_or_404(Merge.objects.select_related("stays", "goes", "changes"), pk=pk)
    reason = why_not(done, done.stays)
    if request.method != "POST" or reason:
        return _apart(request, done, reason, status=200 if request.method != "POST" else 409)

    since = Since(done)
    if "confirmed" not in request.POST and (since.asked or edited_since(done)):
        return redirect("crm:merged", done.pk)
    chosen = {came.name: request.POST[came.name] == "goes" for came in since.asked if came.name in request.POST}
    try:
        outcome = unmerge(done, actor=request.user.actor, by=request.user, chosen=chosen)
    except CannotUnmerge as error:
        return _apart(request, done, error.why, status=409)
    n = outcome.restored + outcome.went
    toast(
        request,
        ngettext("Two cards again: %(n)s row went back.", "Two cards again: %(n)s rows went back.", n) % {"n": n},
    )
    return redirect(done.goes)


def _two(request: HttpRequest, pk: int, other: int) -> tuple[Customer, Customer]:
    customers = Customer.objects.allowed(request.user, "customers.merge").select_related("owner")
    if pk == other:  # one card is no pair; the table refuses it
        raise Http404
    return customers.get_or_404(pk), customers.get_or_404(other)


def _next(pair: Duplicate | None) -> HttpResponse:
    """The next pair of the queue; at its end, the queue."""
    following = queue.next_after(pair)
    if following is None:
        return redirect("crm:duplicates")
    return redirect(f"{reverse('crm:merge', args=[following.first_id, following.second_id])}?queue=1")


def _side_by_side(request: HttpRequest, first: Customer, second: Customer, status: int = 200) -> HttpResponse:
    context = {
        "first": first,
        "second": second,
        "alike": str(first) == str(second),
        "stays": preview.who_stays(first, second),
        "lines": preview.lines(first, second),
        "same": preview.same(first, second),
        "belongings": preview.belongings(first, second),
        "warnings": preview.warnings(first, second),
        "pair": Duplicate.objects.pair(first.pk, second.pk).first(),
        "queue": "queue" in request.GET or request.POST.get("then") == "next",
    }
    return render(request, "crm/duplicates/merge.html", context, status=status)


def _apart(request: HttpRequest, done: Merge, reason: str, status: int = 200) -> HttpResponse:
    asked = [] if reason else Since(done).asked
    groups: dict[Any, list[Any]] = {}
    for came in asked[:SHOWN]:
        words = {"came": came, "words": row_in_words(came.row), "at": row_at(came.row)}
        groups.setdefault(name_of(came.policy.model), []).append(words)
    fields = [] if reason else edited_since(done)
    said = Consent.objects.filter(method=Consent.Method.MERGE, source=f"merge:{done.goes_id}", at__gte=done.at)
    context = {
        "done": done,
        "names": preview.told_apart(done.goes, done.stays),
        "reason": reason,
        "groups": groups.items(),
        "more": max(len(asked) - SHOWN, 0),
        "edited": [Customer._meta.get_field(_field_of(name)).verbose_name for name in fields],
        "tightened": said.exists(),
        "kept": done.changes.rows.kept()[:50] if done.undone_at and done.changes else [],
    }
    return render(request, "crm/duplicates/merged.html", context, status=status)


def _field_of(column: str) -> str:
    for field in Customer._meta.concrete_fields:
        if field.column == column:
            return field.name
    raise Http404


def _refused(error: CannotMerge) -> str:
    if error.why == "merged":
        return _("Somebody was quicker: this is where the card went.")
    return _("These two cards cannot be merged.")
