"""Flags of customers at risk, for a program that calls or writes to them."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import shapes
from analytics.models import Flag
from crm.api.fields import Strict
from crm.api.pages import PAGED, page_of, query
from shop.api.told import Told
from shop.api.views import ApiView, Command

MOMENTS = ("raised_at", "contacted_at", "offered_at", "closed_at")
WRITTEN = ("open", "all")


class FlagStageInput(Strict):
    example = {"to": "dismissed", "why": "seasonal"}
    says = {"why": "Of dismissed."}
    to = serializers.ChoiceField(["contacted", "dismissed"])
    why = serializers.ChoiceField(Flag.Dismissal.choices, required=False, allow_blank=True, default="")

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if told["to"] == "dismissed" and not told["why"]:
            raise serializers.ValidationError({"why": [_("Say why this is no risk.")]})
        return told


class FlagList(ApiView):
    right = "reports.view"
    told = {
        "GET": Told(
            "List flags",
            "Customers who fall silent: the open flags, or all.",
            list_of=shapes.FLAG,
            query={
                "customer": "Of this customer only: a number, or `source:number`.",
                "which": {
                    "description": "`open` when left out.",
                    "schema": {"type": "string", "enum": ["open", "all"]},
                },
            },
        )
    }

    def get(self, request: Request) -> Response:
        """The open ones, or all."""
        rows, asked = Flag.objects.select_related("owner"), query(request, "customer", "which", *PAGED)
        if asked.get("which", "open") not in WRITTEN:
            raise serializers.ValidationError({"which": [_("open or all.")]})
        if asked.get("which", "open") == "open":
            rows = rows.open()
        if "customer" in asked:
            rows = rows.filter(customer=asked["customer"])
        return Response(page_of(rows, asked, shown))


class FlagStage(Command):
    right = "customers.edit"
    key_required = False  # twice is the same as once
    told = {
        "POST": Told(
            "Answer a flag",
            "Somebody was in touch, or it is no risk, and why. Twice is once.",
            shapes.FLAG,
            body=FlagStageInput,
        )
    }

    def act(self, request: Request, pk: int) -> Response:
        told = FlagStageInput(data=request.data)
        told.is_valid(raise_exception=True)
        flag = Flag.objects.filter(pk=pk).first()
        if flag is None:
            raise Http404
        if told.validated_data["to"] == "contacted":
            flag.contact(actor=self.key.actor)
        else:
            flag.dismiss(told.validated_data["why"], actor=self.key.actor)
        return Response(shown(Flag.objects.select_related("owner").get(pk=pk)))


def shown(flag: Flag) -> dict[str, Any]:
    """The customer only as a number: who it is takes another scope."""
    return {
        "id": flag.pk,
        "customer": flag.customer_id,
        "state": flag.state,
        "stage": flag.stage.value,
        "silent_days": flag.silent_days,
        "usual_days": flag.usual_days,
        "at_stake": None if flag.at_stake is None else str(flag.at_stake),
        "owner": flag.owner.email if flag.owner else None,
        "due_on": flag.due_on and flag.due_on.isoformat(),
        "why": flag.dismissal,
        **{name: moment and moment.isoformat() for name in MOMENTS for moment in [getattr(flag, name)]},
    }
