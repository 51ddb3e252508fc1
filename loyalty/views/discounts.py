"""Discounts: the list, a new one, one with what it cost, who has it, and whether it helped."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Customer
from loyalty.discounts import wording
from loyalty.discounts.approving import may_decide
from loyalty.discounts.assigning import give_to_everybody
from loyalty.discounts.figures import Figures, figures, who_has_it
from loyalty.discounts.forms import DiscountForm, PublicForm
from loyalty.discounts.helped import helped
from loyalty.discounts.limits import Over
from loyalty.models import Assignment, BudgetEmpty, Discount, Grant, Rehearsal
from loyalty.views.discounts_rows import figures_of
from shop.access import right
from shop.toasts import toast
from shop.typed import number_in

MOST = 200
LATEST = 10


@require_GET
@right("discounts.assign")
def discounts(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "discounts.assign")
    put_away = request.GET.get("show") == "put-away"
    found = Discount.objects.filter(archived_at__isnull=not put_away).select_related("budget")
    rows = list(found.prefetch_related("versions").order_by("-created_at", "-pk")[:MOST])
    known = figures(rows)
    context = {
        "rows": [(row, Row.of(row), known.get(row.pk, Figures())) for row in rows],
        "put_away": put_away,
        "waiting": waiting_for(request.user),
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, "loyalty/discounts/list.html", context)


class Row:
    """A discount in words."""

    def __init__(self, version: Any) -> None:
        self.version = version
        self.gives = wording.gives(version)
        self.conditions = list(wording.conditions(version))

    @classmethod
    def of(cls, discount: Discount) -> "Row":
        return cls(discount.newest)


def waiting_for(user: Any) -> list[tuple[Assignment, str, list[str], bool]]:
    """What waits for approval: to be decided by this person, or asked for by them."""
    found = Assignment.objects.waiting().select_related("version__discount", "customer", "asked_by")
    if not user.may("discounts.approve"):
        found = found.filter(asked_by=user)
    return [
        (one, wording.gives(one.version), [Over.from_json(over).sentence for over in one.over], may_decide(user, one))
        for one in found.order_by("lapses_at", "pk")[:MOST]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
def discount_new(request: HttpRequest) -> HttpResponse:
    form = DiscountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            budget = form.budget_for(form.cleaned_data["name"], None)
            made = Discount.make(form.cleaned_data["name"], by=request.user, budget=budget, **form.terms())
        toast(request, _("%(discount)s can be given now.") % {"discount": made})
        return redirect(made)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
def discount_edit(request: HttpRequest, pk: int) -> HttpResponse:
    discount = get_object_or_404(Discount.objects.select_related("budget"), pk=pk)
    form = DiscountForm(request.POST or None, initial=DiscountForm.of(discount))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                budget = form.budget_for(form.cleaned_data["name"], discount.budget)
                discount.rename(form.cleaned_data["name"], budget)
                discount.change(by=request.user, **form.terms())
            toast(request, _("Saved. Whoever has it already keeps the old terms."))
            return redirect(discount)
        except BudgetEmpty:
            form.add_error("budget", _("More than that is spent or held already."))
    return _form_page(request, form, discount)


def _form_page(request: HttpRequest, form: Any, discount: Discount | None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "loyalty/discounts/edit.html", {"form": form, "discount": discount}, status=status)


@require_GET
@right("discounts.assign")
def discount(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "discounts.assign")
    found = get_object_or_404(Discount.objects.select_related("budget", "created_by"), pk=pk)
    return _page(request, found, PublicForm())


def _page(request: HttpRequest, found: Discount, public: PublicForm) -> HttpResponse:
    """`public`: the form for a code for everybody, as it was sent when something in it is wrong."""
    open_ = request.GET.get("show") == "open"
    grants, following = who_has_it(found, number_in(request.GET.get("before", "")), open_=open_)
    version = found.version
    rehearsal = Rehearsal.objects.filter(version__discount=found).select_related("job").order_by("-pk").first()
    latest = Assignment.objects.filter(version__discount=found, whom__in=["many", "public"])
    context = {
        "discount": found,
        "row": Row(version),
        "figures": figures([found])[found.pk],
        "open": open_,
        "rehearsal": rehearsal,
        "rehearsed": figures_of(rehearsal),
        "grants": [(grant, *wording.state(grant)) for grant in grants],
        "following": following,
        "assignments": latest.select_related("asked_by", "job").order_by("-pk")[:LATEST],
        "may_edit": request.user.may("programme.edit"),
        "public": public,
        "has_lots": found.drawn.filter(held_back=True).exists(),
    }
    return render(request, "loyalty/discounts/one.html", context, status=422 if public.is_bound else 200)


@require_GET
@right("discounts.assign")
def discount_helped(request: HttpRequest, pk: int) -> HttpResponse:
    """A part of the page of its own: counting orders of many takes a moment."""
    found = get_object_or_404(Discount, pk=pk)
    return render(request, "loyalty/discounts/_helped.html", {"discount": found, "helped": helped(found)})


@require_POST
@right("programme.edit")
def discount_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Paused, it begins again, and the other way round."""
    found = get_object_or_404(Discount, pk=pk)
    again = reverse("loyalty:discount_pause", args=[pk])
    if found.paused_at:
        found.resume()
        toast(request, _("%(discount)s can be used again.") % {"discount": found}, undo=again)
    else:
        found.pause()
        toast(request, _("%(discount)s is paused: nobody can use it.") % {"discount": found}, undo=again)
    return redirect(found)


@require_POST
@right("programme.edit")
def discount_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Put away, or brought back."""
    found = get_object_or_404(Discount, pk=pk)
    again = reverse("loyalty:discount_archive", args=[pk])
    if found.archived_at:
        found.bring_back()
        toast(request, _("%(discount)s can be given again.") % {"discount": found}, undo=again)
    else:
        found.archive()
        toast(request, _("%(discount)s is put away; whoever has it keeps it.") % {"discount": found}, undo=again)
    return redirect(found)


@require_POST
@right("discounts.assign")
def discount_code(request: HttpRequest, pk: int) -> HttpResponse:
    """A code that everybody may use who has it."""
    Customer.objects.allowed(request.user, "discounts.assign")
    found = get_object_or_404(Discount.objects.can_be_assigned(), pk=pk)
    form = PublicForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    assignment = give_to_everybody(found, form.terms(), by=request.user)
    if assignment.over:
        toast(request, _("That is above your limit: somebody else has 72 hours to approve it."))
        return redirect(found)
    return redirect("loyalty:grant", Grant.objects.get(assignment=assignment).pk)
