"""Orders told by a shop, a till or a marketplace."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.inputs import NoInput, OrderInput, PaymentInput, RefundInput
from crm.api.pages import PAGED, moment_of, page_of, query
from crm.models import Order, OrderLine, Refund, RefundTooLarge
from crm.models.incoming import OrderDiffers
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command
from shop.currency import currency_in_force

ASKED: dict[str, Any] = {
    "source": "Of this source only.",
    "state": {
        "description": "Of one state: `unpaid`, `paid` or `cancelled`.",
        "schema": {"type": "string", "enum": ["unpaid", "paid", "cancelled"]},
    },
    "placed_from": {"description": "Placed then or later.", "schema": {"type": "string", "format": "date-time"}},
    "placed_before": {"description": "Placed before.", "schema": {"type": "string", "format": "date-time"}},
}


class OrderList(Command):
    right = "orders.add"
    rights_by_method = {"GET": "customers.view"}
    key_required = False  # (source, reference) says as much
    told = {
        "GET": Told(
            "List orders",
            "By their numbers: in the order in which they came in.",
            list_of=shapes.ORDER,
            query={"customer": "Of this customer only: a number, or `source:number`.", **ASKED},
        ),
        "POST": Told(
            "Take an order in",
            "`source` and `reference` say which order it is: the same one again is answered `200`, however often it"
            " comes; with another content it is refused and `fields` says where. Its customer is found by the strongest"
            " of what is sent (`external_id`, `card`, `email`, `phone`), or made.",
            shapes.ORDER,
            body=OrderInput,
            status=(200, 201),
            refusals=("order_differs",),
        ),
    }

    def get(self, request: Request) -> Response:
        asked = query(request, "customer", *ASKED, *PAGED)
        return Response(page_of(asked_for(asked), asked, listed))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = OrderInput(data=request.data)
        told.is_valid(raise_exception=True)
        try:
            order, new = told.incoming().accept(actor=self.key.actor)
        except OrderDiffers as error:
            detail = _("There is an order of this source and reference, and it says something else.")
            raise Refused("order_differs", detail, fields=error.fields) from error
        location = reverse("crm_api:order", args=[order.source, order.reference])
        return Response(shown(order), status=201 if new else 200, headers={"Location": location})


class OrderDetail(ApiView):
    right = "customers.view"
    told = {
        "GET": Told("Get an order", "With its lines and what went back of it.", shapes.WHOLE_ORDER),
    }

    def get(self, request: Request, source: str, reference: str) -> Response:
        return Response(whole(find(source, reference)))


class RefundList(Command):
    right = "orders.add"
    told = {
        "POST": Told(
            "Refund an order",
            "Money went back. Points and tiers follow by themselves.",
            shapes.REFUND,
            body=RefundInput,
            status=(201,),
            refusals=("refund_too_large", "refund_reference_taken"),
        )
    }

    def act(self, request: Request, source: str, reference: str) -> Response:
        told = RefundInput(data=request.data)
        told.is_valid(raise_exception=True)
        order = find(source, reference)
        try:
            with transaction.atomic():
                refund = order.refund(**told.validated_data, actor=self.key.actor)
        except RefundTooLarge as error:
            detail = _("More than is left of the order cannot go back.")
            raise Refused("refund_too_large", detail, left=str(error.left)) from error
        except IntegrityError as error:
            raise Refused("refund_reference_taken", _("This reference was used for another refund.")) from error
        return Response({"id": refund.pk, "amount": str(refund.amount), "order": shown(order)}, status=201)


class Cancellation(Command):
    right = "orders.add"
    key_required = False  # twice is the same as once
    told = {"POST": Told("Cancel an order", "It was called off. Twice is once.", shapes.ORDER, body=NoInput)}

    def act(self, request: Request, source: str, reference: str) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        order = find(source, reference)
        order.cancel(actor=self.key.actor)
        return Response(shown(order))


class Payment(Command):
    right = "orders.add"
    key_required = False
    told = {
        "POST": Told(
            "Pay an order", "It has been paid, at `paid_at` or now. Twice is once.", shapes.ORDER, body=PaymentInput
        )
    }

    def act(self, request: Request, source: str, reference: str) -> Response:
        told = PaymentInput(data=request.data)
        told.is_valid(raise_exception=True)
        order = find(source, reference)
        order.pay(told.validated_data["paid_at"], actor=self.key.actor)
        return Response(shown(order))


def find(source: str, reference: str) -> Order:
    if "\0" in source + reference:
        raise Http404
    order = Order.objects.filter(source=source, reference=reference).first()
    if order is None:
        raise Http404
    return order


AMOUNTS = ("goods", "discount", "shipping", "tax", "total", "refunded", "net", "net_goods")
MOMENTS = ("placed_at", "paid_at", "cancelled_at")
WORDS = ("channel", "branch", "staff")


def asked_for(asked: dict[str, Any]) -> QuerySet[Order]:
    """Each filter by name: nothing that was sent becomes the name of a column."""
    rows = Order.objects.all()
    if "customer" in asked:
        rows = rows.filter(customer=asked["customer"])
    if "source" in asked:
        rows = rows.filter(source=asked["source"])
    if "state" in asked:
        if asked["state"] not in STATES:
            raise serializers.ValidationError({"state": [_("unpaid, paid or cancelled.")]})
        rows = rows.filter(STATES[asked["state"]])
    if "placed_from" in asked:
        rows = rows.filter(placed_at__gte=moment_of(asked, "placed_from"))
    return rows.filter(placed_at__lt=moment_of(asked, "placed_before")) if "placed_before" in asked else rows


STATES = {
    "unpaid": Q(paid_at=None, cancelled_at=None),
    "paid": Q(paid_at__isnull=False, cancelled_at=None),
    "cancelled": Q(cancelled_at__isnull=False),
}


def shown(order: Order) -> dict[str, Any]:
    """As stored now. The customer only as a number: who it is takes another scope."""
    order.refresh_from_db()
    return listed(order)


def whole(order: Order) -> dict[str, Any]:
    lines, refunds = order.lines.order_by("position"), order.refunds.order_by("pk")
    return {**listed(order), "lines": [_line(one) for one in lines], "refunds": [_refund(one) for one in refunds]}


def _line(line: OrderLine) -> dict[str, Any]:
    plain = {name: getattr(line, name) for name in ("position", "sku", "name", "category")}
    sums = {name: str(getattr(line, name)) for name in ("quantity", "unit_price", "discount", "paid")}
    return {**plain, **sums, "cost": None if line.cost is None else str(line.cost)}


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.pk,
        "reference": refund.reference,
        "amount": str(refund.amount),
        "at": refund.at.isoformat(),
    }


def listed(order: Order) -> dict[str, Any]:
    return {
        "id": order.pk,
        "source": order.source,
        "reference": order.reference,
        "customer": order.customer_id,
        "currency": currency_in_force(),
        **{name: moment and moment.isoformat() for name in MOMENTS for moment in [getattr(order, name)]},
        **{name: getattr(order, name) for name in WORDS},
        **{name: str(getattr(order, name)) for name in AMOUNTS},
    }


class Refunds(ApiView):
    """All that went back, also without an order."""

    right = "customers.view"
    told = {
        "GET": Told(
            "List refunds",
            "By their numbers.",
            list_of=shapes.LISTED_REFUND,
            query={"customer": "Of this customer only: a number, or `source:number`."},
        )
    }

    def get(self, request: Request) -> Response:
        asked = query(request, "customer", *PAGED)
        rows = Refund.objects.select_related("order")
        if "customer" in asked:
            rows = rows.filter(customer=asked["customer"])
        return Response(page_of(rows, asked, listed_refund))


def listed_refund(refund: Refund) -> dict[str, Any]:
    order = refund.order
    return {
        **_refund(refund),
        "order": order and {"source": order.source, "reference": order.reference},
        "customer": refund.customer_id,
        "source": refund.source,
    }
