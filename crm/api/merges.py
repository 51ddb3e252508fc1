"""Two customers known elsewhere to be one."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.fields import Strict
from crm.api.naming import CustomerField
from crm.duplicates import choices
from crm.duplicates.merging import CannotMerge, merge
from crm.models import Customer
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import Command


class MergeInput(Strict):
    example = {"other": 1204, "take": ["city", "birthday"]}
    says = {
        "other": "Who goes into the customer of the address.",
        "take": "Fields whose value of the other is kept; left out: what is filled goes over what is empty.",
    }
    other = CustomerField()
    take = serializers.ListField(child=serializers.CharField(max_length=64), required=False, max_length=100)


class MergeList(Command):
    """The customer of the address stays, the other goes. `take`: fields whose value of the other is kept."""

    right = "customers.merge"
    told = {
        "POST": Told(
            "Merge customers",
            "The customer of the address stays, `other` goes into it. Everything of the other follows, its numbers"
            " keep working, and staff can take it back for 30 days.",
            shapes.MERGE,
            body=MergeInput,
            status=(201,),
            refusals=("same_customer", "customer_gone"),
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = MergeInput(data=request.data)
        told.is_valid(raise_exception=True)
        allowed = Customer.objects.allowed(self.key, self.right)
        stays, goes = allowed.get_or_404(kwargs["pk"]), allowed.get_or_404(told.validated_data["other"])
        differing = {choice.name: choice.takes_goes for choice in choices.choices(stays, goes)}
        taken = told.validated_data.get("take", [name for name, takes_goes in differing.items() if takes_goes])
        try:
            merged = merge(stays, goes, actor=self.key.actor, taken=taken)
        except CannotMerge as error:
            raise _refused(error) from error
        return Response({"id": merged.pk, "customer": stays.pk, "merged": goes.pk}, status=201)


def _refused(error: CannotMerge) -> Refused:
    if error.why == "same":
        return Refused("same_customer", _("These are one customer already."), customer=error.card.pk)
    return Refused("customer_gone", _("One of the two went into another card meanwhile."), customer=error.card.pk)
