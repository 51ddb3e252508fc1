"""Goods of an order come back: choose lines, see what follows, book exactly that."""

import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.models import Customer, Order
from loyalty.models import SoldLine, TooManyUnits
from loyalty.till.forms import BackForm
from loyalty.till.returning import NothingToReturn, preview, take_back
from loyalty.till.sold import plan
from loyalty.till.wording import to_next
from shop.access import StaffRequest, right
from shop.currency import currency_in_force
from shop.formats import money
from shop.toasts import toast

NEWEST = 40


@require_GET
@right("till.use")
def customer_orders(request: StaffRequest, pk: int) -> HttpResponse:
    """Of which order something comes back."""
    customer = Customer.objects.allowed(request.user, "till.use").get_or_404(pk)
    bought = customer.orders.filter(cancelled_at=None, paid_at__isnull=False)
    context = {"customer": customer, "orders": bought.order_by("-placed_at", "-pk")[:NEWEST]}
    return render(request, "loyalty/till/orders.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("till.use")
def order_return(request: StaffRequest, pk: int) -> HttpResponse:
    """POST shows what would happen; with `book` it does happen."""
    customers = Customer.objects.allowed(request.user, "till.use")
    order = get_object_or_404(Order.objects.select_related("customer").filter(customer__in=customers), pk=pk)
    rows = list(SoldLine.objects.filter(order=order).order_by("position")) or plan(order)
    sold = [row for row in rows if row.position or row.paid]
    form = BackForm(request.POST or None, sold=sold)
    context = {"order": order, "form": form, "rows": _rows(order, sold, form), "key": secrets.token_hex(12)}
    if request.method == "POST" and form.is_valid():
        try:
            if "book" in request.POST:
                return _book(request, order, form)
            context["told"] = readable(preview(order, form.units(), actor=request.user.actor))
        except TooManyUnits:
            context["problem"] = _("More of a line than can come back.")
        except NothingToReturn as error:
            context["problem"] = why(error)
    template = "loyalty/till/_back.html" if request.htmx else "loyalty/till/return.html"
    return render(request, template, context, status=422 if form.errors or "problem" in context else 200)


def _book(request: StaffRequest, order: Order, form: BackForm) -> HttpResponse:
    """The key came with the page: the button pressed twice books once."""
    key = f"staff:{request.POST.get('key', '')[:64]}"
    back = take_back(order, form.units(), key=key, actor=request.user.actor, note=form.cleaned_data["note"])
    amount = money(Decimal(back.told["pay_out"]), currency_in_force())
    toast(request, _("Taken back. %(amount)s goes to the customer.") % {"amount": amount})
    return redirect(order.customer)


def readable(told: dict[str, Any]) -> dict[str, Any]:
    """Amounts and days as values again."""
    amounts = {name: Decimal(told[name]) for name in ("money", "pay_out", "discount_taken_back")}
    tier = dict(told["tier"] or {})
    if tier.get("kept_until"):
        tier["kept_until"] = date.fromisoformat(tier["kept_until"])
    if tier.get("to_next"):
        tier["to_next"] = to_next(Decimal(tier["to_next"]))
    return {**told, **amounts, "tier": tier}


def why(error: NothingToReturn) -> str:
    return {
        "not_paid": _("This order is not paid."),
        "cancelled": _("This order was called off."),
    }.get(error.why, _("Choose what comes back."))


def _rows(order: Order, sold: list[SoldLine], form: BackForm) -> list[dict[str, Any]]:
    lines = {line.position: line for line in order.lines.all()}
    return [{"sold": row, "line": lines.get(row.position), "field": form[f"line-{row.position}"]} for row in sold]
