"""The till for staff: whose basket, what is in it, what it comes to; put aside, paid or let go."""

import secrets
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm.models import Customer
from crm.models.incoming import OrderDiffers
from crm.segments.search import find
from loyalty.discounts import entering
from loyalty.discounts.codes import ALPHABET
from loyalty.models import BudgetEmpty, Checkout, NotAvailable
from loyalty.points.errors import NotEnoughPoints
from loyalty.till import finding
from loyalty.till.asked import Asked
from loyalty.till.ending import CheckoutIsOver, TooManyPoints
from loyalty.till.forms import BasketForm, LineForm, lines_of
from loyalty.till.holding import AlreadyPaid, PriceChanged, hold
from loyalty.till.paying import Bill
from loyalty.till.quoting import earns, quote
from loyalty.till.wording import no_more_time, reasons
from shop.access import StaffRequest, right
from shop.currency import currency_in_force
from shop.formats import local, number
from shop.toasts import toast
from shop.typed import number_in

ROWS = 3
NAMES = 6


@require_GET
@right("till.use")
def till(request: StaffRequest) -> HttpResponse:
    customers = Customer.objects.allowed(request.user, "till.use")
    about = number_in(request.GET.get("customer", ""))
    customer = customers.get_or_404(about) if about is not None else None
    form = BasketForm(initial={"reference": new_reference(), "who": customer or ""})
    open_ = Checkout.objects.open().select_related("customer").order_by("-opened_at")[:20]
    context = {"form": form, "lines": [LineForm() for _row in range(ROWS)], "customer": customer, "open": open_}
    return render(request, "loyalty/till/till.html", context)


def new_reference() -> str:
    return "T-" + "".join(secrets.choice(ALPHABET) for _letter in range(8))


@require_GET
@right("till.use")
def till_line(request: HttpRequest) -> HttpResponse:
    """One more empty line."""
    return render(request, "loyalty/till/_line.html", {"line": LineForm()})


@require_POST
@right("till.use")
def till_quote(request: StaffRequest) -> HttpResponse:
    """What it comes to now; writes nothing."""
    return render(request, "loyalty/till/_quote.html", _read(request))


def _read(request: StaffRequest) -> dict[str, Any]:
    """The basket as it was typed, priced as far as it can be read."""
    form, lines = BasketForm(request.POST), lines_of(request.POST)
    right_so_far = all([form.is_valid(), *(line.is_valid() for line in lines)])
    customer, likely = _who(request, form)
    context = {"form": form, "lines": lines, "customer": customer, "likely": likely, "wrong": not right_so_far}
    if right_so_far and lines:
        asked, refused = _with_codes(request, form.asked(lines, customer))
        quoted = quote(asked)
        entering.count(request.user.actor, asked.buyer, entering.finished(quoted.unknown_codes))
        context |= {"asked": asked, "quote": quoted, "reasons": [*refused, *reasons(quoted)]}
    return context


def _with_codes(request: StaffRequest, asked: Asked) -> tuple[Asked, list[str]]:
    """After too many wrong codes the basket is priced without any, and why is said."""
    try:
        if asked.codes:
            entering.look(request.user.actor, asked.buyer)
    except entering.TooManyTries as error:
        minutes = -(-error.retry_after // 60)
        said = ngettext(
            "Too many wrong codes. Codes count again in %(n)s minute.",
            "Too many wrong codes. Codes count again in %(n)s minutes.",
            minutes,
        )
        return replace(asked, codes=()), [said % {"n": minutes}]
    return asked, []


def _who(request: StaffRequest, form: BasketForm) -> tuple[Customer | None, list[Customer]]:
    """The one that is meant, and who could be: they stay when one was chosen, so that it can be another."""
    customers = Customer.objects.allowed(request.user, "till.use")
    told = getattr(form, "cleaned_data", {})
    who = told.get("who", "")
    found = finding.anything(who) if who else None
    if found or not who:
        return found and customers.filter(pk=found.pk).first(), []
    chosen = told["customer"] if who == told.get("chosen_for") else None
    customer = customers.filter(pk=chosen).first() if chosen else None
    likely = list(customers.in_bulk([one.customer_id for one in find(who, NAMES)]).values())
    return customer, likely if customer is None or (customer in likely and len(likely) > 1) else []


@require_POST
@right("till.use")
def till_holds(request: StaffRequest) -> HttpResponse:
    context = _read(request)
    if "quote" not in context:
        return _again(request, context, _("A line with a price is needed.") if not context["lines"] else "")
    if context["form"].cleaned_data["who"] and not context["customer"]:
        return _again(request, context, _("Choose who it is, or empty the field."))
    told = context["form"].cleaned_data["total"]
    try:
        checkout, _new = hold(context["asked"], total=told, actor=request.user.actor)
    except NotEnoughPoints as error:
        said = ngettext("Only %(n)s point is there.", "Only %(n)s points are there.", error.available)
        return _again(request, context, said % {"n": number(error.available)})
    except PriceChanged:
        return _again(request, context, _("The price has changed meanwhile: look at it once more."))
    except AlreadyPaid as error:
        toast(request, _("The order %(reference)s is paid already.") % {"reference": error.checkout})
        return redirect("loyalty:till_hold", error.checkout.pk)
    except (NotAvailable, BudgetEmpty):
        return _again(request, context, _("Somebody was faster with a discount: look at the price once more."))
    return redirect("loyalty:till_hold", checkout.pk)


def _again(request: StaffRequest, context: dict[str, Any], problem: str) -> HttpResponse:
    empty = [LineForm() for _row in range(max(ROWS - len(context["lines"]), 1))]
    context |= {"problem": problem, "lines": [*context["lines"], *empty]}
    return render(request, "loyalty/till/till.html", context, status=422)


@require_GET
@right("till.use")
def till_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """`?points=`: what it would come to with fewer points than are put aside."""
    try:
        return _shown(request, pk, points=_points(request.GET))
    except ValueError:
        return _shown(request, pk, _("Points are a whole number."))


def _points(data: QueryDict) -> int | None:
    """None: all that are put aside. Raises ValueError."""
    told = data.get("points", "").strip()
    points = number_in(told, digits=12)
    if told and points is None:
        raise ValueError
    return points


def _only(points: int) -> str:
    said = ngettext("Only %(n)s point is put aside.", "Only %(n)s points are put aside.", points)
    return said % {"n": number(points)}


def _shown(request: HttpRequest, pk: int, problem: str = "", points: int | None = None) -> HttpResponse:
    checkout = get_object_or_404(Checkout.objects.select_related("customer", "order"), pk=pk)
    bill = Bill.read(checkout.basket)
    if points is not None and points > checkout.points:
        problem = _only(checkout.points)
    elif points is not None and checkout.state == Checkout.State.HELD:
        bill = bill.with_points(points, checkout.point_value, currency_in_force())
        checkout.earns = earns(checkout, bill, timezone.now())
    context = {
        "checkout": checkout,
        "bill": bill,
        "points": checkout.points if points is None or problem else points,
        "by_points": bill.sum("by_points"),
        "to_pay": bill.sum("money"),
        "discounts": checkout.redemptions.select_related("grant__discount"),
        "no_more_time": no_more_time(checkout),
        "problem": problem,
    }
    return render(request, "loyalty/till/hold.html", context, status=422 if problem else 200)


@require_POST
@right("till.use")
def till_commit(request: StaffRequest, pk: int) -> HttpResponse:
    """POST `points`: fewer than are put aside, when it says so."""
    checkout = get_object_or_404(Checkout, pk=pk)
    try:
        points = _points(request.POST)
    except ValueError:
        return _shown(request, pk, _("Points are a whole number."))
    try:
        checkout.commit(points=points, actor=request.user.actor)
    except TooManyPoints as error:
        return _shown(request, pk, _only(error.held))
    except CheckoutIsOver:
        return _shown(request, pk, _("It has ended already; begin anew."))
    except OrderDiffers:
        return _shown(request, pk, _("There is an order of this number, of other money or of somebody else."))
    toast(request, _("The order %(reference)s is paid.") % {"reference": checkout})
    return redirect("loyalty:till_hold", pk)


@require_POST
@right("till.use")
def till_extend(request: StaffRequest, pk: int) -> HttpResponse:
    checkout = get_object_or_404(Checkout, pk=pk)
    if not checkout.extend():
        return _shown(request, pk, no_more_time(checkout) or _("It has ended already; begin anew."))
    toast(request, _("Put aside until %(at)s.") % {"at": local(checkout.expires_at)[1]})
    return redirect("loyalty:till_hold", pk)


@require_POST
@right("till.use")
def till_void(request: StaffRequest, pk: int) -> HttpResponse:
    checkout = get_object_or_404(Checkout, pk=pk)
    try:
        if checkout.void():
            toast(request, _("Let go; points and discounts are back."))
    except CheckoutIsOver:
        return _shown(request, pk, _("It is paid: take the goods back instead."))
    return redirect("loyalty:till")
