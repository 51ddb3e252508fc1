"""Answers for programs: reading them, and writing one that was given elsewhere."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Answered

from crm.api.fields import MomentField, Strict
from crm.api.pages import page_of, query
from crm.models import Customer
from feedback.answering.fields import PREFIX, fields_of, take
from feedback.answering.recording import answer_uninvited
from feedback.api.invitations import cause, number, running
from feedback.models import Response, SurveyVersion
from feedback.models.invitation import Channel
from shop.api.refusals import Refused
from shop.api.views import Command

MOST = 100


class ResponseInput(Strict):
    """`answers`: {name of a question: a number, a text, a list of numbers, a day}."""

    survey = number()
    customer = serializers.IntegerField(min_value=1, max_value=2**53, required=False, allow_null=True, default=None)
    answers = serializers.DictField()
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, allow_null=True, default=None)
    nameless = serializers.BooleanField(required=False, default=False)
    callback = serializers.BooleanField(required=False, default=False)
    at = MomentField(required=False, allow_null=True, default=None)

    def validate_answers(self, answers: dict[str, Any]) -> dict[str, Any]:
        for name, value in answers.items():
            several = value if isinstance(value, list) else [value]
            if len(several) > MOST or not all(isinstance(one, int | str) for one in several):
                raise serializers.ValidationError({name[:64]: [_("Write a number, a text or a list of numbers.")]})
        return answers


class ResponseList(Command):
    """GET: answers, test answers left out; whose they are needs comments.see_author. POST: one from elsewhere."""

    right = "reports.view"
    rights_by_method = {"POST": "surveys.edit"}

    def check_permissions(self, request: Request) -> None:
        self.right = self.rights_by_method.get(request.method or "", self.right)
        super().check_permissions(request)

    def get(self, request: Request) -> Answered:
        asked = query(request, "customer", "after")
        sees = self.key.may("comments.see_author")
        rows = Response.objects.counted().select_related("survey")
        if "customer" in asked:
            if not sees:
                raise Refused("scope_missing", _("Whose answer it is needs another scope."), status=403, scope=AUTHOR)
            rows = rows.filter(customer=asked["customer"])
        return Answered(page_of(rows, asked, lambda one: of_response(one, sees)))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Answered:
        told = ResponseInput(data=request.data)
        told.is_valid(raise_exception=True)
        values = told.validated_data
        survey = running(values["survey"])
        version = survey.version
        if version is None or not survey.is_running:
            raise Refused("survey_not_running", _("This survey does not run."))
        customer = Customer.objects.get_or_404(values["customer"]) if values["customer"] else None
        language = version.language_for(values["language"] or "")
        how: dict[str, Any] = {"nameless": values["nameless"], "callback": values["callback"] and customer is not None}
        source, said = cause(self, request), checked(version, values["answers"], language)
        made = Response.objects.filter(source=source).first()  # told again when the kept answer is gone
        made = made or answer_uninvited(
            version,
            said,
            language=language,
            channel=Channel.API,
            customer=customer,
            source=source,
            **how,
            **_at(values["at"]),
        )
        return Answered(of_response(made, self.key.may(AUTHOR)), status=201)


AUTHOR = "comments.see_author"


def _at(moment: datetime | None) -> dict[str, Any]:
    return {"at": moment} if moment else {}


def checked(version: SurveyVersion, answers: dict[str, Any], language: str) -> dict[str, Any]:
    """The same checks as of the form."""
    questions = list(version.questions.all())
    for one in questions:
        one.version = version
    fields = fields_of(version, questions, language, {})
    wrong: dict[str, list[Any]] = {
        name[:64]: [_("Unknown field.")] for name in set(answers) - {one.name for one in questions}
    }
    data = QueryDict(mutable=True)
    for name, value in answers.items():
        data.setlist(PREFIX + name, [_written(one) for one in (value if isinstance(value, list) else [value])])
    values = take(fields, data)
    wrong |= {one.question.name: [one.error] for one in fields if one.error}
    if wrong:
        raise serializers.ValidationError({"answers": wrong})
    return values


def _written(value: int | str) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def of_response(one: Response, sees_author: bool) -> dict[str, Any]:
    told = {
        "id": one.pk,
        "survey": one.survey_id,
        "score": one.score,
        "band": one.band,
        "comment": one.comment,
        "language": one.language,
        "channel": one.channel,
        "nameless": one.nameless,
        "at": one.at.isoformat(),
        "changed_at": one.changed_at and one.changed_at.isoformat(),
    }
    return {**told, "customer": one.customer_id, "order": one.order_id} if sees_author else told
