"""Surveys and invitations for programs: what is asked, and asking somebody."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.fields import Strict
from crm.api.naming import CustomerField, OrderField
from crm.api.pages import PAGED, page_of, query
from crm.models import Customer, Order
from feedback.api import shapes
from feedback.models import CannotAsk, Invitation, Question, Survey, SurveyVersion
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command

MOST_DAYS = 365


def number() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=2**53)


class AskInput(Strict):
    example = {"customer": "shop:c-7", "survey": 1, "order": "shop:1001", "in_days": 3}
    says = {"order": "One of theirs that it is about."}
    customer = CustomerField()
    survey = number()
    order = OrderField(required=False, allow_null=True, default=None)
    in_days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, required=False, default=0)


class SurveyList(ApiView):
    """Those that run, with their questions as they are asked now."""

    right = "reports.view"
    told = {
        "GET": Told(
            "List surveys", "Those that run, with their questions as they are asked now.", list_of=shapes.SURVEY
        )
    }

    def get(self, request: Request) -> Response:
        newest = SurveyVersion.objects.published().order_by("survey", "-number").distinct("survey")
        asked = Prefetch("versions", newest.prefetch_related("questions"), to_attr="in_force")
        return Response(page_of(Survey.objects.running().prefetch_related(asked), query(request, *PAGED), of_survey))


class InvitationList(Command):
    """GET: the invitations of a customer. POST: one more; whether and when it goes is decided as for every other."""

    right = "reports.view"
    rights_by_method = {"POST": "surveys.edit"}
    told = {
        "GET": Told(
            "List invitations",
            "Who was asked.",
            list_of=shapes.INVITATION,
            query={"customer": "Of this customer only: a number, or `source:number`."},
        ),
        "POST": Told(
            "Ask a customer",
            "Whether and when the invitation goes is decided by consent and the contact budget, as for every other.",
            shapes.INVITATION,
            body=AskInput,
            status=(201,),
            refusals=("survey_not_running",),
            missing=True,
        ),
    }

    def get(self, request: Request) -> Response:
        asked = query(request, "customer", *PAGED)
        rows = Invitation.objects.filter(test=False)
        if "customer" in asked:
            rows = rows.filter(customer=asked["customer"])
        return Response(page_of(rows, asked, of_invitation))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = AskInput(data=request.data)
        told.is_valid(raise_exception=True)
        values = told.validated_data
        customer = Customer.objects.get_or_404(values["customer"])
        due_at = timezone.now() + timedelta(days=values["in_days"])
        order = _order(customer, values["order"])
        try:
            made = Invitation.objects.invite(
                customer,
                running(values["survey"]),
                cause=cause(self, request),
                trigger="other",
                due_at=due_at,
                order=order,
            )
        except CannotAsk as error:
            raise Refused("survey_not_running", _("This survey does not run.")) from error
        return Response(of_invitation(made), status=201)


def running(pk: int) -> Survey:
    survey = Survey.objects.filter(pk=pk).first()
    if survey is None:
        raise Http404
    return survey


def _order(customer: Customer, named: int | str | None) -> Order | None:
    if named is None:
        return None
    order = Order.objects.called(named).filter(customer=customer).first()
    if order is None:
        raise serializers.ValidationError({"order": [_("This is no order of this customer.")]})
    return order


def cause(command: Command, request: Request) -> str:
    """By the client and its Idempotency-Key: asked again, it is the same invitation."""
    key = f"{command.key.client}\n{request.headers['Idempotency-Key']}"
    return f"api:{hashlib.sha256(key.encode()).hexdigest()}"


def of_survey(survey: Any) -> dict[str, Any]:
    version = next(iter(survey.in_force), None)
    return {
        "id": survey.pk,
        "name": survey.name,
        "kind": survey.kind,
        "names": survey.names,
        "version": version and version.number,
        "languages": version.languages if version else [],
        "questions": [of_question(one) for one in version.questions.all()] if version else [],
    }


def of_question(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "kind": question.kind,
        "branch": question.branch or None,
        "required": question.required,
        "lowest": question.lowest,
        "highest": question.highest,
        "choices": question.choices,
        "texts": question.texts,
    }


def of_invitation(one: Invitation) -> dict[str, Any]:
    return {
        "id": one.pk,
        "customer": one.customer_id,
        "survey": one.survey_id,
        "order": one.order_id,
        "state": one.state,
        "why": one.why or None,
        "due_at": one.due_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "sent_at": one.sent_at and one.sent_at.isoformat(),
        "answered_at": one.answered_at and one.answered_at.isoformat(),
    }
