"""Points for programs: what somebody has, every movement, giving and taking some."""

import hashlib
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.fields import Strict, text
from crm.api.pages import PAGED, page_of, query
from crm.models import Customer
from loyalty.api import shapes
from loyalty.models import Account, Entry, Standing
from loyalty.points import wording
from loyalty.points.balance import Balance, Ending
from loyalty.points.errors import NotEnoughPoints
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command
from shop.models import Setting

MOST = 10_000_000


class AdjustInput(Strict):
    example = {"points": 50, "reason": "gesture", "note": "The parcel came late."}
    says = {"points": "With a minus they are taken."}
    points = serializers.IntegerField(min_value=-MOST, max_value=MOST)
    reason = serializers.ChoiceField(choices=list(wording.CHOICES))
    note = text(200)

    def validate_points(self, points: int) -> int:
        if not points:
            raise serializers.ValidationError(_("Say how many."))
        return points


class PointsDetail(ApiView):
    """Also of who has none yet."""

    right = "customers.view"
    told = {"GET": Told("Get points", "What somebody has; also of who has none yet.", shapes.POINTS)}

    def get(self, request: Request, pk: int) -> Response:
        query(request)
        return Response(of_customer(Customer.objects.allowed(self.key, self.right).get_or_404(pk)))


class EntryList(ApiView):
    """Every movement, the oldest first."""

    right = "customers.view"
    told = {"GET": Told("List entries", "Every movement of points, the oldest first.", list_of=shapes.ENTRY)}

    def get(self, request: Request, pk: int) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(pk)
        rows = Entry.objects.filter(account__customer=customer).select_related("lot", "order")
        return Response(page_of(rows, query(request, *PAGED), of_entry))


class AdjustmentList(Command):
    """A program cannot ask anybody: above the limit of a manager it gets a no."""

    right = "points.adjust"
    told = {
        "POST": Told(
            "Adjust points",
            "Gives points, or takes them with a minus; at most what a manager may alone.",
            shapes.ADJUSTMENT,
            body=AdjustInput,
            status=(201,),
            refusals=("above_limit", "not_enough_points"),
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        told = AdjustInput(data=request.data)
        told.is_valid(raise_exception=True)
        limit = Setting.get("points.limit_manager")
        if abs(told.validated_data["points"]) > limit:
            raise Refused("above_limit", _("More than a program may give or take at once."), limits=[limit])
        entry = enough(
            lambda: Account.of(customer).adjust(
                **told.validated_data, actor=self.key.actor, key=f"api:{named(self, request)}"
            )
        )
        return Response({**of_entry(entry), **of_customer(customer)}, status=201)


def named(command: Command, request: Request) -> str:
    """The doing, by the client and its Idempotency-Key: it holds longer than the answer is kept."""
    return hashlib.sha256(f"{command.key.client}\n{request.headers['Idempotency-Key']}".encode()).hexdigest()


def enough(act: Any) -> Any:
    try:
        return act()
    except NotEnoughPoints as error:
        detail = _("So many points are not there.")
        raise Refused("not_enough_points", detail, needed=error.needed, available=error.available) from error


def of_customer(customer: Customer) -> dict[str, Any]:
    balance = Balance.of(Account.objects.filter(customer=customer).first())
    return {
        "customer": customer.pk,
        "available": balance.available,
        "pending": balance.pending,
        "held": balance.held,
        "debt": balance.debt,
        "worth": str(balance.worth),
        "next_available": _ending(balance.begins),
        "next_expiring": _ending(balance.ends),
        "tier": _tier(customer),
    }


def _ending(ending: Ending | None) -> dict[str, Any] | None:
    return {"points": ending.points, "at": moment(ending.at)} if ending else None


def _tier(customer: Customer) -> dict[str, Any] | None:
    row = Standing.objects.filter(customer=customer).select_related("tier", "next_tier").first()
    if row is None:
        return None
    return {
        "name": row.tier and row.tier.name,
        "kept_until": row.kept_until and row.kept_until.isoformat(),
        "next": row.next_tier and row.next_tier.name,
        "to_next": None if row.to_next is None else str(row.to_next),
    }


def of_entry(entry: Entry) -> dict[str, Any]:
    lot = getattr(entry, "lot", None)
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "points": entry.points,
        "reason": entry.reason,
        "at": moment(entry.recorded_at),
        "order": entry.order and {"source": entry.order.source, "reference": entry.order.reference},
        "left": lot and lot.remaining,
        "available_at": lot and moment(lot.available_at),
        "expires_at": lot and lot.expires_at and moment(lot.expires_at),
    }


def moment(at: Any) -> str:
    return timezone.localtime(at).isoformat()
