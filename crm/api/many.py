"""Up to 1,000 orders or customers in one request; each gets an answer of its own, in the order they were sent."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.fields import Strict, rows
from crm.api.inputs import OrderInput
from crm.api.people import CardInput, KnownInput
from crm.models.editing_many import Told as ToldCustomer
from crm.models.editing_many import upsert
from crm.models.incoming import OrderDiffers
from crm.models.incoming_many import Taken, accept_many
from crm.models.known_by import KnownBy
from shop.api.parsing import LargeJSONParser
from shop.api.told import Told
from shop.api.views import ApiView

MOST = 1000
Result = dict[str, Any]


class CustomerInput(KnownInput, CardInput):
    """What they are known by, and the fields of the card: what is sent is set, the rest stays."""

    example = {**KnownInput.example, "city": "Ludlow"}


class OrdersInput(Strict):
    """For the papers: each item is read on its own."""

    example = {"orders": [OrderInput.example]}
    orders = rows(OrderInput, most=MOST, min_length=1)


class CustomersInput(Strict):
    """For the papers: each item is read on its own."""

    example = {"customers": [CustomerInput.example]}
    customers = rows(CustomerInput, most=MOST, min_length=1)


class AtOnce(ApiView, ABC):
    """What is not right is told of where it stands, and stops nothing else."""

    parser_classes = [LargeJSONParser]
    name: str
    input: type[OrderInput] | type[CustomerInput]

    def post(self, request: Request) -> Response:
        read = [self.input(data=row) for row in self._rows(request.data)]
        right = [at for at, one in enumerate(read) if one.is_valid()]
        results: list[Result] = [{"status": 400, "code": "invalid", "errors": one.errors} for one in read]
        for at, said in zip(right, self.take([read[at] for at in right]), strict=True):
            results[at] = said
        return Response({"results": results})

    def _rows(self, told: Any) -> list[Any]:
        if not isinstance(told, dict) or set(told) != {self.name} or not isinstance(told[self.name], list):
            raise serializers.ValidationError({self.name: [_("Send an object with this list and nothing else.")]})
        if not 1 <= len(told[self.name]) <= MOST:
            raise serializers.ValidationError({self.name: [_("From 1 to %(most)s.") % {"most": MOST}]})
        return told[self.name]

    @abstractmethod
    def take(self, read: list[Any]) -> Iterable[Result]: ...


class OrdersAtOnce(AtOnce):
    right = "orders.add"
    name, input = "orders", OrderInput
    told = {
        "POST": Told(
            "Take many orders in",
            "Up to 1,000, each as if it had come alone: `source` and `reference` say which it is, so that sending all"
            " of them again is safe and needs no key. `results` are in the order of what was sent.",
            shapes.MANY_ORDERS,
            body=OrdersInput,
        )
    }

    def take(self, read: list[Any]) -> Iterable[Result]:
        return map(_of_order, accept_many([one.incoming() for one in read], actor=self.key.actor))


def _of_order(taken: Taken) -> Result:
    if isinstance(taken, OrderDiffers):
        return {"status": 409, "code": "order_differs", "fields": taken.fields, "id": taken.order.pk}
    order, new = taken
    return {"status": 201 if new else 200, "id": order.pk, "customer": order.customer_id}


class CustomersAtOnce(AtOnce):
    right = "customers.edit"
    name, input = "customers", CustomerInput
    told = {
        "POST": Told(
            "Open or edit many customers",
            "Up to 1,000. Each is found by the strongest of what is sent, or made, and gets the fields that are sent;"
            " what is not sent stays. Sending all of them again changes nothing.",
            shapes.MANY_CUSTOMERS,
            body=CustomersInput,
        )
    }

    def take(self, read: list[Any]) -> Iterable[Result]:
        done = upsert([_customer(one.validated_data, one.initial_data) for one in read], actor=self.key.actor)
        return ({"status": 201 if new else 200, "id": customer} for customer, new in done)


KNOWN = ("source", "external_id", "card", "email", "phone", "given_name", "family_name")
NAMES = ("given_name", "family_name")


def _customer(read: dict[str, Any], sent: dict[str, Any]) -> ToldCustomer:
    fields = {name: read[name] for name in read if name in sent and (name in NAMES or name not in KNOWN)}
    return ToldCustomer(KnownBy(**{name: read[name] for name in KNOWN}), fields)
