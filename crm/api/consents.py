"""What a customer allows, read and told by programs: a till or a checkout that asked them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.fields import Strict, text
from crm.api.pages import query
from crm.contact.forms import no_to
from crm.models import Consent, Customer, Identifier
from crm.models.consent import CHANNELS
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import Command

METHODS = [Consent.Method.WEB_FORM, *Consent.QUOTED]


class ConsentInput(Strict):
    """Yes or no to some purposes at one address. A yes is the customer's own: how they said it, and their words."""

    example = {
        "address": "dora@people.example",
        "yes": ["offers"],
        "no": ["birthday"],
        "method": "web_form",
        "wording": "Yes, write to me about offers and new things.",
    }
    says = {"method": "How a yes was said.", "wording": "The sentence they agreed to; a yes needs it."}
    channel = serializers.ChoiceField(choices=CHANNELS, required=False, default="email")
    address = serializers.CharField(max_length=254)
    yes = serializers.ListField(child=serializers.ChoiceField(choices=Consent.PURPOSES), required=False, default=list)
    no = serializers.ListField(child=serializers.ChoiceField(choices=Consent.PURPOSES), required=False, default=list)
    method = serializers.ChoiceField(choices=[method.value for method in METHODS], required=False)
    wording = text(1000)

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if not told["yes"] and not told["no"]:
            raise serializers.ValidationError(gettext_lazy("Say `yes` or `no` to at least one purpose."))
        if set(told["yes"]) & set(told["no"]):
            raise serializers.ValidationError({"no": [gettext_lazy("The same purpose is in `yes` too.")]})
        if told["yes"] and not (told.get("method") and told["wording"].strip()):
            needs = gettext_lazy("A yes needs `method` and `wording`: only the customer gives it.")
            raise serializers.ValidationError({"wording": [needs]})
        return told


class ConsentList(Command):
    right = "customers.edit"
    key_required = False  # what holds already is not written again
    rights_by_method = {"GET": "customers.view"}
    told = {
        "GET": Told(
            "Get consents", "What holds, by address and purpose, with when, how and in which words.", shapes.CONSENTS
        ),
        "POST": Told(
            "Tell consents",
            "Writes down a yes or a no. A no always counts; a yes is the customer's own and needs how they said it, and"
            " the sentence they agreed to.",
            shapes.CONSENTS,
            body=ConsentInput,
            refusals=("address_unknown",),
        ),
    }

    def get(self, request: Request, pk: int) -> Response:
        query(request)
        return Response(shown(Customer.objects.allowed(self.key, self.right).get_or_404(pk)))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        told = ConsentInput(data=request.data)
        told.is_valid(raise_exception=True)
        values = told.validated_data
        channel, address = values["channel"], Identifier.normalise(values["channel"], values["address"])
        if not customer.identifiers.filter(kind=channel, normalised=address).exists():
            raise Refused("address_unknown", _("The customer is not known by this address."))
        held = Consent.objects.current(channel, address)
        choices = dict.fromkeys(values["yes"], Consent.State.GIVEN.value)
        choices |= {purpose: no_to(held.get(purpose)) for purpose in values["no"]}
        Consent.say(
            customer,
            channel,
            address,
            choices,
            method=values.get("method") or Consent.Method.WEB_FORM,
            wording=values["wording"],
            source=self.key.name[:64],
            by=self.key.actor,
        )
        return Response(shown(customer))


def shown(customer: Customer) -> dict[str, Any]:
    """By address what holds; a purpose nobody spoke about is not there."""
    known = customer.identifiers.filter(kind__in=dict(CHANNELS)).order_by("kind", "pk")
    return {"customer": customer.pk, "addresses": [_address(one) for one in known]}


def _address(one: Identifier) -> dict[str, Any]:
    held = Consent.objects.current(one.kind, one.normalised)
    return {
        "channel": one.kind,
        "address": one.normalised,
        "purposes": {
            purpose: {"state": row.state, "at": row.at.isoformat(), "method": row.method, "wording": row.wording}
            for purpose, row in sorted(held.items())
        },
    }
