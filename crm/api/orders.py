"""Orders told by a shop, a till or a marketplace."""

from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.inputs import NoInput, OrderInput, PaymentInput, RefundInput
from crm.models import Order, RefundTooLarge
from crm.models.incoming import OrderDiffers
from shop.api.refusals import Refused
from shop.api.views import ApiView, Command
from shop.currency import currency_in_force


class OrderList(Command):
    right = "orders.add"
    key_required = False  # (source, reference) says as much

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

    def get(self, request: Request, source: str, reference: str) -> Response:
        return Response(shown(find(source, reference)))


class RefundList(Command):
    right = "orders.add"

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

    def act(self, request: Request, source: str, reference: str) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        order = find(source, reference)
        order.cancel(actor=self.key.actor)
        return Response(shown(order))


class Payment(Command):
    right = "orders.add"
    key_required = False

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


def shown(order: Order) -> dict[str, Any]:
    """As stored now. The customer only as a number: who it is takes another scope."""
    order.refresh_from_db()
    amounts = ("goods", "discount", "shipping", "tax", "total", "refunded", "net", "net_goods")
    moments = ("placed_at", "paid_at", "cancelled_at")
    return {
        "id": order.pk,
        "source": order.source,
        "reference": order.reference,
        "customer": order.customer_id,
        "currency": currency_in_force(),
        **{name: moment and moment.isoformat() for name in moments for moment in [getattr(order, name)]},
        **{name: str(getattr(order, name)) for name in amounts},
    }
