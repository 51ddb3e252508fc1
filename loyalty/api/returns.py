"""Returns, for programs: what one would do, and doing it. Both say the same numbers."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.orders import find
from crm.models import Order
from loyalty.api import shapes, shown
from loyalty.api.inputs import ReturnInput
from loyalty.models import Checkout, SoldLine
from loyalty.models.goods_back import SHIPPING, TooManyUnits
from loyalty.till.paying import Bill
from loyalty.till.returning import NothingToReturn, preview, take_back
from loyalty.till.sold import plan
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command

OF_A_RETURN = ("too_many_units", "nothing_to_return", "sold_without_card")


class ReturnPreview(ApiView):
    """Needs no Idempotency-Key: nothing stays of it."""

    right = "till.use"
    told = {
        "POST": Told(
            "Preview a return",
            "What it would do. Writes nothing.",
            shapes.PREVIEW,
            body=ReturnInput,
            refusals=OF_A_RETURN,
            missing=True,
        )
    }

    def post(self, request: Request) -> Response:
        order, units, _note = asked(request)
        told = worded(lambda: preview(order, units, actor=self.key.actor))
        return Response({"order": order.pk, **told})


class ReturnList(Command):
    right = "till.use"
    told = {
        "POST": Told(
            "Book a return",
            "Exactly what its preview says.",
            shapes.TAKEN_BACK,
            body=ReturnInput,
            status=(201,),
            refusals=OF_A_RETURN,
            missing=True,
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        order, units, note = asked(request)
        key = hashlib.sha256(f"{self.key.client}\n{request.headers['Idempotency-Key']}".encode()).hexdigest()
        back = worded(lambda: take_back(order, units, key=key, actor=self.key.actor, note=note))
        return Response({"id": back.pk, "order": order.pk, **back.told}, status=201)


def worded(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except TooManyUnits as error:
        detail = _("More of a line than can come back.")
        raise Refused("too_many_units", detail, position=error.position, left=str(error.left)) from error
    except NothingToReturn as error:
        raise Refused("nothing_to_return", _("There is nothing that could come back."), why=error.why) from error


def asked(request: Request) -> tuple[Order, dict[int, Decimal] | None, str]:
    """The order, and how many units of which of its lines; None: all that is left."""
    told = ReturnInput(data=request.data)
    told.is_valid(raise_exception=True)
    values = told.validated_data
    order = sold(values["source"], values["reference"])
    if values["lines"] is None:
        return order, None, values["note"]
    units: dict[int, Decimal] = {}
    left = _left(order)
    for line in values["lines"]:
        position = line.get("position") or _position(order, line["sku"])
        wanted = line["quantity"]
        wanted = left.get(position, Decimal(0)) if wanted is None else wanted
        units[position] = units.get(position, Decimal(0)) + wanted
    if values["shipping"]:
        units[SHIPPING] = Decimal(1)
    return order, units, values["note"]


def sold(source: str, reference: str) -> Order:
    """The order. A passer-by's purchase is none: it is told what was paid, and the till gives it back by itself."""
    try:
        return find(source, reference)
    except Http404:
        paid = Checkout.objects.filter(state=Checkout.State.PAID, order=None)
        checkout = paid.filter(source=source, reference=reference).first() if "\0" not in reference else None
        if checkout is None:
            raise
    told = shown.bill(Bill.read(checkout.basket))
    detail = _("It was sold without a card: nothing is kept here that could come back. The sums say what was paid.")
    raise Refused("sold_without_card", detail, hold=checkout.pk, **told)


def _left(order: Order) -> dict[int, Decimal]:
    rows = list(SoldLine.objects.filter(order=order)) or plan(order)
    return {row.position: row.left for row in rows}


def _position(order: Order, sku: str) -> int:
    positions = list(order.lines.filter(sku=sku).values_list("position", flat=True)[:2])
    if len(positions) != 1:
        detail = _("Not on the order.") if not positions else _("On several lines: name the line by position.")
        raise serializers.ValidationError({"lines": [detail]})
    return positions[0]
