"""Discounts for programs: which there are, who has which, giving one, taking one back."""

from datetime import date
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.fields import Strict
from crm.api.inputs import NoInput
from crm.api.naming import CustomerField
from crm.api.pages import PAGED, page_of, query
from crm.models import Customer
from loyalty.api import shapes
from loyalty.discounts import codes, limits, withdrawing, wording
from loyalty.discounts.assigning import CannotBeGiven, HasItAlready, Terms, give
from loyalty.discounts.worth import Usual
from loyalty.models import Discount, Grant, Source
from loyalty.points.days import FARTHEST, end_of
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command

SOURCES = [Source.CAMPAIGN, Source.APOLOGY, Source.WIN_BACK, Source.BIRTHDAY]


class GrantInput(Strict):
    example = {"customer": "shop:c-7", "discount": 4, "reason": "Birthday", "occasion": "birthday"}
    says = {"until": "The last day.", "uses": "How often.", "with_code": "With a code of the customer's own."}
    customer = CustomerField()
    discount = serializers.IntegerField(min_value=1, max_value=2**53)
    reason = serializers.CharField(max_length=200)
    occasion = serializers.ChoiceField(choices=SOURCES, default=Source.CAMPAIGN)
    until = serializers.DateField(required=False, allow_null=True, default=None)
    uses = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    with_code = serializers.BooleanField(default=False)

    def validate_until(self, until: date | None) -> date | None:
        if until and not timezone.localdate() <= until <= FARTHEST:
            raise serializers.ValidationError(_("That day is over, or too far away."))
        return until

    def terms(self) -> Terms:
        told = self.validated_data
        ends = told["until"] and end_of(told["until"])
        return Terms(told["reason"], told["occasion"], None, ends, told["uses"], None, told["with_code"])


class DiscountList(ApiView):
    """Those that can be given."""

    right = "discounts.assign"
    told = {
        "GET": Told(
            "List discounts", "Those that can be given, with what each gives in words.", list_of=shapes.DISCOUNT
        )
    }

    def get(self, request: Request) -> Response:
        rows = Discount.objects.can_be_assigned().prefetch_related("versions")
        return Response(page_of(rows, query(request, *PAGED), of_discount))


class GrantList(Command):
    right = "discounts.assign"
    told = {
        "GET": Told(
            "List grants",
            "What was given and not taken back.",
            list_of=shapes.GRANT,
            query={"customer": "Of this customer only: a number, or `source:number`."},
        ),
        "POST": Told(
            "Give a discount",
            "Within the limits of a manager: a program cannot ask anybody.",
            shapes.GRANT,
            body=GrantInput,
            status=(201,),
            refusals=("has_it", "paused", "above_limit"),
            missing=True,
        ),
    }

    def get(self, request: Request) -> Response:
        """What was given and not taken back, of one customer or of all."""
        asked = query(request, "customer", *PAGED)
        rows = Grant.objects.filter(withdrawn_at=None).select_related("discount")
        if "customer" in asked:
            rows = rows.filter(customer=asked["customer"])
        return Response(page_of(rows, asked, of_grant))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = GrantInput(data=request.data)
        told.is_valid(raise_exception=True)
        customer = Customer.objects.get_or_404(told.validated_data["customer"]).held()
        discount = Discount.objects.present().filter(pk=told.validated_data["discount"]).first()
        if discount is None:
            raise Http404
        self._within_limits(discount, customer)
        try:
            assignment = give(discount, customer, told.terms(), actor=self.key.actor)
        except HasItAlready as error:
            raise Refused("has_it", _("The customer has it and has not used it."), grant=error.grant.pk) from error
        except CannotBeGiven as error:
            raise Refused("paused", _("It is paused.")) from error
        return Response(of_grant(assignment.grants.select_related("discount").get()), status=201)

    def _within_limits(self, discount: Discount, customer: Customer) -> None:
        limits.take_turn_for(customer)
        version = discount.version
        over = limits.passed_by_program(version, Usual.now().worth(version), customer)
        if over:
            raise Refused("above_limit", over[0].sentence, limits=[one.limit for one in over])


class GrantWithdraw(Command):
    right = "discounts.assign"
    key_required = False  # twice is the same as once
    told = {
        "POST": Told(
            "Take a discount back",
            "When it was not used. Twice is once.",
            shapes.GRANT,
            body=NoInput,
            refusals=("used",),
        )
    }

    def act(self, request: Request, pk: int) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        grant = Grant.objects.select_related("discount", "customer").filter(pk=pk).first()
        if grant is None:
            raise Http404
        if not withdrawing.withdraw(grant, by=self.key) and grant.withdrawn_at is None:
            raise Refused("used", _("It was used, and stays."))
        return Response(of_grant(grant))


def of_discount(discount: Discount) -> dict[str, Any]:
    version = discount.newest
    return {
        "id": discount.pk,
        "name": discount.name,
        "gives": wording.gives(version),
        "conditions": list(wording.conditions(version)),
        "kind": version.kind,
        "lane": version.lane,
        "percent": str(version.percent),
        "amount": str(version.amount),
        "minimum": str(version.minimum),
        "maximum": None if version.maximum is None else str(version.maximum),
        "exclusive": version.exclusive,
    }


def of_grant(grant: Grant) -> dict[str, Any]:
    """A code of a customer is theirs, for the web shop to show once it is approved; a public one is not told here."""
    return {
        "id": grant.pk,
        "customer": grant.customer_id,
        "discount": grant.discount_id,
        "name": grant.discount.name,
        "code": codes.shown(grant.code) if grant.code and grant.customer_id and not grant.pending_until else None,
        "source": grant.source,
        "starts_at": grant.starts_at and grant.starts_at.isoformat(),
        "expires_at": grant.expires_at and grant.expires_at.isoformat(),
        "uses": grant.uses,
        "taken": grant.taken,
        "waits_for_approval": grant.pending_until is not None,
    }
