"""What stands behind the figures of a discount: its uses, and who would have paid less by it last year."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from crm.models import Customer
from loyalty.discounts import wording
from loyalty.discounts.figures import customers_of, uses_of
from loyalty.discounts.rehearsing import orders_that
from loyalty.discounts.rounding import major
from loyalty.models import Assignment, Discount, Redemption, Rehearsal
from loyalty.programme import rehearsing
from loyalty.views.rehearsed import rehearsed
from shop.access import right
from shop.currency import currency_in_force
from shop.typed import number_in

PAGE = 50
State = Redemption.State
TABS: list[tuple[str, Any]] = [
    (State.COMMITTED, pgettext_lazy("uses of a discount", "Used")),
    (State.HELD, pgettext_lazy("uses of a discount", "Held at the till")),
    (State.REVERSED, pgettext_lazy("uses of a discount", "Came back")),
]


@require_GET
@right("discounts.assign")
def discount_uses(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "discounts.assign")
    found = get_object_or_404(Discount, pk=pk)
    asked = request.GET.get("state", "")
    state = asked if asked in dict(TABS) else State.COMMITTED
    rows, following = uses_of(found, state, number_in(request.GET.get("before", "")))
    context = {"discount": found, "rows": rows, "following": following, "tabs": TABS, "state": state}
    return render(request, "loyalty/discounts/uses.html", context)


WHO: dict[str, Any] = {
    "have": gettext_lazy("Have it"),
    "held_back": gettext_lazy("Held back"),
    "used": gettext_lazy("Have used it"),
}


@require_GET
@right("discounts.assign")
def assignment_customers(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is behind the three figures of giving it to many."""
    Customer.objects.allowed(request.user, "discounts.assign")
    found = get_object_or_404(Assignment.objects.select_related("version__discount"), pk=pk)
    who = request.GET.get("who", "")
    who = who if who in WHO else "have"
    rows, following = customers_of(found, who, number_in(request.GET.get("after", "")))
    context = {"assignment": found, "discount": found.version.discount, "tabs": WHO.items(), "who": who}
    return render(request, "loyalty/discounts/assigned.html", context | {"customers": rows, "following": following})


@require_POST
@right("programme.edit")
def discount_rehearsals(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Discount, pk=pk)
    rehearsing.begin(version=found.version, by=request.user)
    return redirect(found)


@require_GET
@right("discounts.assign")
def discount_rehearsal(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would have paid less, the most first; or who bought and would have got nothing."""
    Customer.objects.allowed(request.user, "discounts.assign")
    tried = Rehearsal.objects.filter(version__isnull=False).select_related("version__discount")
    found = get_object_or_404(tried, pk=pk)
    nothing = request.GET.get("who") == "nothing"
    rows, following = rehearsed(found, "same" if nothing else "gain", request.GET.get("after", ""))
    context = {
        "rehearsal": found,
        "discount": found.version and found.version.discount,
        "figures": figures_of(found),
        "nothing": nothing,
        "rows": [(row.customer, major(row.after, currency_in_force())) for row in rows],
        "following": following,
    }
    return render(request, "loyalty/discounts/rehearsal.html", context)


@require_GET
@right("discounts.assign")
def discount_rehearsal_orders(request: HttpRequest, pk: int) -> HttpResponse:
    """`why`: those it does not fit for this reason; without: those it fits."""
    Customer.objects.allowed(request.user, "discounts.assign")
    found = get_object_or_404(Rehearsal.objects.filter(version__isnull=False, finished_at__isnull=False), pk=pk)
    why = request.GET.get("why", "")
    why = why if why in found.result["refused"] else ""
    rows, following = orders_that(found, why, number_in(request.GET.get("before", "")), PAGE)
    context = {
        "rehearsal": found,
        "discount": found.version and found.version.discount,
        "why": why,
        "reason": wording.why_in_general(why) if why else "",
        "orders": rows,
        "following": following,
    }
    return render(request, "loyalty/discounts/rehearsal_orders.html", context)


def figures_of(found: Rehearsal | None) -> dict[str, Any] | None:
    """None: there was none, or it is not over."""
    if found is None or not found.finished_at:
        return None
    said, currency = dict(found.result), currency_in_force()
    said |= {name: major(said[name], currency) for name in ("cost", "once")}
    said["nothing"] = said["customers"] - said["gain"]
    said["refused"] = [(code, wording.why_in_general(code), n) for code, n in sorted(said["refused"].items())]
    return said
