"""Rewards and invitations for programs."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.fields import Strict
from crm.api.inputs import NoInput
from crm.api.naming import CustomerField
from crm.api.pages import PAGED, page_of, query
from crm.models import Customer, Identifier
from loyalty.api import shapes
from loyalty.api.points import enough, moment, named, of_customer
from loyalty.discounts import codes
from loyalty.models import Exchange, Referral, ReferralCode, Reward, RewardRefused
from loyalty.programme import wording
from loyalty.programme.referrals import CannotRefer, code_of, invite, join, link_of, owner_of
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command


class ExchangeInput(Strict):
    example = {"reward": 2}
    reward = serializers.IntegerField(min_value=1, max_value=2**53)


class InvitationInput(Strict):
    """Whom: one of the two."""

    example = {"email": "friend@people.example"}
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if bool(told["email"]) == bool(told["phone"]):
            raise serializers.ValidationError(_("Either email or phone."))
        [(kind, contact)] = [(kind, value) for kind, value in told.items() if value]
        if not 0 < len(Identifier.normalise(kind, contact)) <= 254:
            raise serializers.ValidationError({kind: [_("This cannot be used as an identifier.")]})
        return {"kind": kind, "contact": contact}


class JoiningInput(Strict):
    example = {"code": "DORA-7K2P", "customer": "shop:c-8"}
    code = serializers.CharField(max_length=12)
    customer = CustomerField()


class RewardList(ApiView):
    """Those that can be had today."""

    right = "customers.view"
    told = {"GET": Told("List rewards", "What points can be exchanged for today.", list_of=shapes.REWARD)}

    def get(self, request: Request) -> Response:
        rows = Reward.objects.to_be_had(timezone.localdate()).select_related("tier")
        return Response(page_of(rows, query(request, *PAGED), of_reward))


class ExchangeList(Command):
    """Points of a customer for a reward."""

    right = "points.adjust"
    told = {
        "POST": Told(
            "Exchange points",
            "Points of a customer for a reward.",
            shapes.EXCHANGE,
            body=ExchangeInput,
            status=(201,),
            refusals=("not_enough_points", "reward_refused"),
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        told = ExchangeInput(data=request.data)
        told.is_valid(raise_exception=True)
        reward = Reward.objects.filter(pk=told.validated_data["reward"]).first()
        if reward is None:
            raise Http404
        key = f"api:{named(self, request)}"
        try:
            exchange = enough(lambda: reward.redeem(customer, actor=self.key.actor, key=key))
        except RewardRefused as error:
            detail = _("This reward cannot be had by this customer now.")
            raise Refused("reward_refused", detail, why=error.why, tier=error.tier) from error
        return Response({**of_exchange(exchange), **of_customer(customer)}, status=201)


class ReferralList(Command):
    """Whom a customer invited; and inviting somebody: twice is the same as once."""

    right = "customers.edit"
    key_required = False
    told = {
        "GET": Told("List referrals", "Whom a customer invited, and how far it is.", list_of=shapes.REFERRAL),
        "POST": Told(
            "Invite somebody",
            "In the name of the customer. Twice is once.",
            shapes.REFERRAL,
            body=InvitationInput,
            status=(201,),
            refusals=("cannot_refer",),
        ),
    }

    def get(self, request: Request, pk: int) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(pk)
        return Response(page_of(customer.referrals.all(), query(request, *PAGED), of_referral))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        told = InvitationInput(data=request.data)
        told.is_valid(raise_exception=True)
        return Response(of_referral(_referred(lambda: invite(customer, **told.validated_data))), status=201)


class ReferralCodeOf(Command):
    """The code of a customer, to pass on; made when it is first asked for."""

    right = "customers.edit"
    key_required = False
    told = {
        "POST": Told(
            "Get a referral code",
            "The code that a customer passes on; made (`201`) when it is first asked for.",
            shapes.REFERRAL_CODE,
            body=NoInput,
            status=(200, 201),
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        known = ReferralCode.objects.filter(customer=customer).exists()
        code = code_of(customer)
        said = {"customer": customer.pk, "code": code, "link": link_of(code) or None}
        return Response(said, status=200 if known else 201)


class JoiningList(Command):
    """A new customer came with the code of another."""

    right = "customers.edit"
    told = {
        "POST": Told(
            "Tell of a referral",
            "A new customer came with the code of another.",
            shapes.REFERRAL,
            body=JoiningInput,
            status=(201,),
            refusals=("cannot_refer",),
            missing=True,
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = JoiningInput(data=request.data)
        told.is_valid(raise_exception=True)
        invited = Customer.objects.allowed(self.key, self.right).get_or_404(told.validated_data["customer"])
        referral = _referred(lambda: join(owner_of(told.validated_data["code"]), invited, actor=self.key.actor))
        return Response(of_referral(referral), status=201)


def _referred(act: Any) -> Referral:
    try:
        return act()
    except CannotRefer as error:
        raise Refused("cannot_refer", _("This invitation cannot be."), why=error.why) from error


def of_reward(reward: Reward) -> dict[str, Any]:
    return {
        "id": reward.pk,
        "name": reward.name,
        "text": reward.text,
        "gives": wording.gives(reward),
        "conditions": wording.conditions(reward),
        "points": reward.cost,
        "stock": reward.stock,
        "tier": reward.tier and reward.tier.name,
    }


def of_exchange(exchange: Exchange) -> dict[str, Any]:
    grant = exchange.grant
    return {
        "id": exchange.pk,
        "reward": exchange.reward_id,
        "points": exchange.points,
        "at": moment(exchange.at),
        "grant": grant
        and {
            "id": grant.pk,
            "code": codes.shown(grant.code) if grant.code else None,
            "expires_at": grant.expires_at and moment(grant.expires_at),
        },
    }


def of_referral(referral: Referral) -> dict[str, Any]:
    """Whom it names is not told: who asks knows it, and nobody else needs to."""
    waits = referral.due_at if referral.state == Referral.State.ORDERED else None
    return {
        "id": referral.pk,
        "inviter": referral.inviter_id,
        "invited": referral.invited_id,
        "state": referral.state,
        "why": referral.why,
        "to_decide": bool(referral.flags) and referral.decided_at is None and referral.ended_at is None,
        "rewarded_on": moment(waits) if waits else None,
    }
