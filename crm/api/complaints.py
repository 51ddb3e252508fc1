"""Complaints that another program brings in, follows and moves on."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.fields import Strict, source_name, text
from crm.api.inputs import BuyerInput
from crm.api.orders import find as find_order
from crm.api.pages import PAGED, page_of, query
from crm.complaints.stages import Stage, StepRefused
from crm.models import Complaint, Customer
from crm.models.imports import SOURCE
from crm.models.known_by import KnownBy
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command

MOMENTS = ("opened_at", "acknowledged_at", "solved_at", "told_at", "closed_at", "waiting_since", "next_due_at")
STEPS = ("acknowledged", "in_work", "waiting", "resumed", "solved", "told", "closed", "reopened")


class OrderOfComplaint(Strict):
    source = source_name()
    reference = serializers.CharField(max_length=64)


class ComplaintInput(Strict):
    example = {"customer": BuyerInput.example, "title": "Lid is cracked", "kind": "goods", "severity": 2}
    says = {"severity": "1 urgent, 2 normal, 3 small.", "order": "Then it is of that order's customer."}
    customer = BuyerInput()
    title = serializers.CharField(max_length=160)
    details = text(10_000)
    kind = serializers.ChoiceField(Complaint.Kind.choices, required=False, default=Complaint.Kind.OTHER)
    severity = serializers.ChoiceField(Complaint.Severity.choices, required=False, default=Complaint.Severity.NORMAL)
    channel = serializers.ChoiceField(Complaint.Channel.choices, required=False, default=Complaint.Channel.WEB)
    order = OrderOfComplaint(required=False, allow_null=True, default=None)


class StageInput(Strict):
    example = {"to": "solved", "cause": "Packing", "outcome": "A new lid is on its way."}
    says = {"agreed": "Of told: whether the customer is content.", "why": "Of reopened."}
    to = serializers.ChoiceField(STEPS)
    cause = text(80)
    outcome = text(4000)
    agreed = serializers.BooleanField(required=False, allow_null=True, default=None)
    why = text(300)


class ComplaintList(Command):
    right = "complaints.work"
    told = {
        "GET": Told(
            "List complaints",
            "By their numbers.",
            list_of=shapes.COMPLAINT,
            query={
                "customer": "Of this customer only: a number, or `source:number`.",
                "stage": {
                    "description": "Of one stage, or all that are `open`.",
                    "schema": {"type": "string", "enum": ["open", *Stage.values]},
                },
            },
        ),
        "POST": Told(
            "Open a complaint",
            "Of a customer who is found or made, or of an order's. Its deadlines run from now.",
            shapes.COMPLAINT,
            body=ComplaintInput,
            status=(201,),
            missing=True,
        ),
    }

    def get(self, request: Request) -> Response:
        rows, asked = Complaint.objects.select_related("owner", "order"), query(request, "customer", "stage", *PAGED)
        if "customer" in asked:
            rows = rows.filter(customer=asked["customer"])
        if "stage" in asked:
            if asked["stage"] not in {"open", *Stage.values}:
                raise serializers.ValidationError({"stage": [_("open, or one of the stages.")]})
            rows = rows.open() if asked["stage"] == "open" else rows.filter(stage=asked["stage"])
        return Response(page_of(rows, asked, shown))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = ComplaintInput(data=request.data)
        told.is_valid(raise_exception=True)
        values = dict(told.validated_data)
        order, buyer = values.pop("order"), values.pop("customer")
        found = find_order(order["source"], order["reference"]) if order else None
        customer = Customer.objects.get_or_404(found.customer_id) if found else _customer(buyer, self.key.actor)
        complaint = Complaint.open_for(customer, actor=self.key.actor, order=found, **values)
        location = reverse("crm_api:complaint", args=[complaint.pk])
        return Response(shown(complaint), status=201, headers={"Location": location})


def _customer(buyer: dict[str, Any], actor: str) -> Customer:
    return KnownBy(source=SOURCE, **buyer).find_or_create(actor=actor)


class ComplaintDetail(ApiView):
    right = "complaints.work"
    told = {"GET": Told("Get a complaint", "With its deadline.", shapes.COMPLAINT)}

    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(find(pk)))


class ComplaintStage(Command):
    right = "complaints.work"
    key_required = False  # a step is taken once, however often it is asked for
    told = {
        "POST": Told(
            "Move a complaint on",
            "Takes a step; taken twice is taken once.",
            shapes.COMPLAINT,
            body=StageInput,
            refusals=("complaint_stage",),
        )
    }

    def act(self, request: Request, pk: int) -> Response:
        told = StageInput(data=request.data)
        told.is_valid(raise_exception=True)
        complaint, values = find(pk), told.validated_data
        try:
            _step(complaint, values, self.key.actor)
        except StepRefused as error:
            detail = _("From where the complaint is, this step cannot be taken.")
            raise Refused("complaint_stage", detail, stage=error.stage) from error
        complaint.refresh_from_db()
        return Response(shown(complaint))


def _step(complaint: Complaint, told: dict[str, Any], actor: str) -> bool:
    plain: dict[str, Any] = {
        "acknowledged": complaint.acknowledge,
        "in_work": complaint.work_on,
        "waiting": complaint.wait,
        "resumed": complaint.resume,
        "closed": complaint.close,
    }
    if told["to"] == "solved":
        return complaint.solve(actor=actor, cause=told["cause"], outcome=told["outcome"])
    if told["to"] == "told":
        return complaint.tell(actor=actor, agreed=told["agreed"])
    if told["to"] == "reopened":
        return complaint.reopen(actor=actor, why=told["why"])
    return plain[told["to"]](actor=actor)


def find(pk: int) -> Complaint:
    complaint = Complaint.objects.select_related("owner", "order").filter(pk=pk).first()
    if complaint is None:
        raise Http404
    return complaint


def shown(complaint: Complaint) -> dict[str, Any]:
    """The customer only as a number: who it is takes another scope."""
    order = complaint.order
    return {
        "id": complaint.pk,
        "customer": complaint.customer_id,
        "title": complaint.title,
        "details": complaint.details,
        "kind": complaint.kind,
        "severity": complaint.severity,
        "channel": complaint.channel,
        "stage": complaint.stage,
        "late": complaint.is_late,
        "owner": complaint.owner.email if complaint.owner else None,
        "order": {"source": order.source, "reference": order.reference} if order else None,
        "cause": complaint.cause,
        "outcome": complaint.outcome,
        "agreed": complaint.agreed,
        **{name: moment and moment.isoformat() for name in MOMENTS for moment in [getattr(complaint, name)]},
    }
