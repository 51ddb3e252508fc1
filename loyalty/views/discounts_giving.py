"""Giving a discount: from the card, to a segment; looking at what was given, taking it back, saying yes or no."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Customer
from crm.segments.selection import Selection
from loyalty.discounts import approving, codes, figures, limits, many, withdrawing, wording
from loyalty.discounts.assigning import CannotBeGiven, HasItAlready, give
from loyalty.discounts.candidates import WHY
from loyalty.discounts.forecast import forecast
from loyalty.discounts.forms import GiveForm, ManyForm
from loyalty.discounts.limits import Over
from loyalty.discounts.worth import Usual
from loyalty.models import Assignment, Discount, Grant, Source
from shop import qr
from shop.access import right
from shop.formats import number
from shop.job_progress import progress_of
from shop.models import Setting
from shop.toasts import toast


@require_http_methods(["GET", "HEAD", "POST"])
@right("discounts.assign")
def give_one(request: HttpRequest, pk: int) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "discounts.assign").get_or_404(pk)
    form = GiveForm(request.POST or None, initial={"discount": request.GET.get("discount", "")})
    if request.method == "POST" and form.is_valid():
        try:
            return _given(
                request, customer, give(form.cleaned_data["discount"], customer, form.terms(), by=request.user)
            )
        except HasItAlready:
            form.add_error("discount", _("%(name)s has it and has not used it.") % {"name": customer})
        except CannotBeGiven:
            form.add_error("discount", _("It was paused meanwhile."))
    context = {
        "customer": customer,
        "form": form,
        "limits": limits.of(request.user),
        "given": limits.given_to(customer),
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, "loyalty/discounts/give.html", context, status=422 if form.is_bound else 200)


def _given(request: HttpRequest, customer: Customer, assignment: Assignment) -> HttpResponse:
    if assignment.over:
        said = _("That is above your limit. Somebody else has 72 hours to approve it; %(name)s sees nothing before.")
    else:
        said = _("Gave %(name)s “%(discount)s”.")
    toast(request, said % {"name": customer, "discount": assignment.version.discount})
    return redirect(customer)


@require_http_methods(["GET", "HEAD", "POST"])
@right("discounts.assign")
def give_many(request: HttpRequest) -> HttpResponse:
    """First what it would cost and who is left out; `do` gives it. Nothing is written before."""
    Customer.objects.allowed(request.user, "discounts.assign")
    told = request.POST if request.method == "POST" else request.GET
    selection = Selection.read(told, request.user)
    if selection.why_nobody:
        toast(request, selection.why_nobody)
        return redirect("crm:customers")
    asked = "discount" in told
    form = ManyForm(told) if asked else ManyForm()
    context = _looked_at(request.user, selection, form, asked)
    if "do" in request.POST and form.is_valid() and context["said"]:
        return redirect("loyalty:assignment", _ask(request.user, selection, form, context["said"]).pk)
    template = "loyalty/discounts/_forecast.html" if request.htmx else "loyalty/discounts/many.html"
    status = 422 if "do" in request.POST else 200
    return render(request, template, context, status=status)


def _looked_at(user: Any, selection: Selection, form: ManyForm, asked: bool) -> dict[str, Any]:
    """Before anything is typed, the forecast is of the first discount of the list."""
    if asked:
        form.is_valid()
        chosen = form.cleaned_data.get("discount")
        values = (form.percent, form.cleaned_data.get("uses"), form.expires_at, form.cleaned_data["complainers_too"])
    else:
        chosen = Discount.objects.can_be_assigned().first()
        values = (_usual_percent(form), 1, None, False)
    said = chosen and _forecast(user, selection, chosen, *values)
    return {
        "form": form,
        "said": said,
        "chosen": chosen,
        "gives": wording.gives(chosen.version) if chosen else "",
        "conditions": list(wording.conditions(chosen.version)) if chosen else [],
        "pairs": selection.pairs,
        "back": selection.question.address(),
        "may_edit": user.may("programme.edit"),
    }


def _usual_percent(form: ManyForm) -> int:
    return Setting.get("discounts.held_back") if "hold_back" in form.fields else 0


def _forecast(user: Any, selection: Selection, chosen: Discount, percent: int, uses: Any, until: Any, too: bool) -> Any:
    terms = {"percent": percent, "uses": uses, "expires_at": until, "complainers_too": too}
    return forecast(chosen.version, selection.customers, by=user, **terms)


def _ask(user: Any, selection: Selection, form: ManyForm, said: Any) -> Assignment:
    terms, version = form.terms(), form.cleaned_data["discount"].version
    return many.ask(
        version,
        terms,
        by=user,
        worth=Usual.now().worth(version),
        wanted=said.given,
        selection=urlencode(selection.pairs),
        question=selection.question.address() if selection.all else "",
        held_back_percent=form.percent,
        complainers_too=form.cleaned_data["complainers_too"],
    )


@require_GET
@right("discounts.assign")
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "discounts.assign")
    found = _find(pk)
    have, used = figures.have_and_used(found)
    context = {
        "assignment": found,
        "discount": found.version.discount,
        "gives": wording.gives(found.version),
        "over": [Over.from_json(over).sentence for over in found.over],
        "may_decide": found.can_be_decided and approving.may_decide(request.user, found),
        "left_out": [WHY[why](n) % {"n": number(n)} for why, n in found.left_out.items()],
        "have": have,
        "used": used,
        "live": bool(found.job and found.job.is_live),
        "can_undo": found.can_be_taken_back and have > used and not found.is_past,
    }
    if found.job and found.job.is_live:
        context |= progress_of(found.job)
    template = "loyalty/discounts/_assignment.html" if request.htmx else "loyalty/discounts/assignment.html"
    return render(request, template, context)


@require_POST
@right("discounts.assign")
def assignment_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What nobody has used yet."""
    Customer.objects.allowed(request.user, "discounts.assign")
    found = _find(pk)
    if not found.can_be_taken_back:
        toast(request, _("There is nothing to take back."))
    elif found.given > many.PART:
        many.take_back_later(found, by=request.user)
    else:
        back = many.take_back(found, by=request.user)
        said = ngettext(
            "Taken back from %(n)s; what was used stays.", "Taken back from %(n)s; what was used stays.", back
        )
        toast(request, said % {"n": number(back)})
    return redirect("loyalty:assignment", pk)


@require_POST
@right("discounts.approve")
def assignment_decide(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "discounts.approve")
    found = _find(pk)
    yes = request.POST.get("say") == "yes"
    try:
        (approving.approve if yes else approving.refuse)(found, by=request.user)
        toast(request, _("Approved.") if yes else _("Refused; the customer saw nothing of it."))
    except approving.TooLate:
        toast(request, _("Somebody has decided already, or the time is over."))
    return redirect("loyalty:assignment", pk)


@require_GET
@right("discounts.assign")
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """One grant, to be shown or printed: its code in full, as QR too, and the conditions."""
    Customer.objects.allowed(request.user, "discounts.assign")
    given = Grant.objects.with_held().select_related("discount", "version", "customer", "issued_by")
    found = get_object_or_404(given, pk=pk)
    word, tone = wording.state(found)
    context = {
        "grant": found,
        "gives": wording.gives(found.version),
        "conditions": list(wording.conditions(found.version)),
        "until": wording.until(found),
        "word": word,
        "tone": tone,
        "code": codes.shown(found.code) if found.code else "",
        "qr": qr.drawn(found.code, _("The code as a QR code")) if found.code else "",
        "redemptions": found.redemptions.exclude(state="voided").order_by("-pk")[:50],
        "by_hand": found.source in (Source.STAFF, Source.APOLOGY),
    }
    return render(request, "loyalty/discounts/grant.html", context)


@require_POST
@right("discounts.assign")
def grant_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "discounts.assign")
    found = get_object_or_404(Grant.objects.select_related("discount", "customer"), pk=pk)
    if withdrawing.withdraw(found, by=request.user):
        toast(request, _("Took “%(discount)s” back.") % {"discount": found.discount})
    else:
        toast(request, _("It is used or put aside at the till, and stays."))
    return redirect(found.customer or found.discount)


def _find(pk: int) -> Assignment:
    found = Assignment.objects.select_related("version__discount", "customer", "asked_by", "decided_by", "job")
    return get_object_or_404(found, pk=pk)
