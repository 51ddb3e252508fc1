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
from crm.api.naming import CustomerField
from crm.api.pages import PAGED, page_of, query
from crm.models import Customer
from feedback.answering.fields import PREFIX, fields_of, take
from feedback.answering.recording import answer_uninvited
from feedback.api import shapes
from feedback.api.invitations import cause, number, running
from feedback.figures import quiet_weeks
from feedback.models import Response, SurveyVersion
from feedback.models.invitation import Channel
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import Command

MOST = 100


class ResponseInput(Strict):
    """`answers`: {name of a question: a number, a text, a list of numbers, a day}."""

    example = {"survey": 1, "customer": "shop:c-7", "answers": {"score": 9, "comment": "Lovely tea."}}
    says = {
        "answers": "By the names of the questions: numbers, texts, lists of numbers, days; yes is 1 and no is 0.",
        "callback": "They want to be called.",
        "nameless": "Without the name: then only the week of it is kept.",
        "at": "Now, when left out.",
    }
    survey = number()
    customer = CustomerField(required=False, allow_null=True, default=None)
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
    told = {
        "GET": Told(
            "List answers",
            "Whose they are is told to keys that also have `comments.see_author`. Those without a name are a list of"
            " their own, in no order.",
            list_of=shapes.RESPONSE,
            query={
                "customer": "Of this customer only; needs `comments.see_author`.",
                "nameless": {
                    "description": "Those without a name, of surveys with at least five.",
                    "schema": {"type": "string", "enum": ["yes", "no"]},
                },
            },
        ),
        "POST": Told(
            "Record an answer",
            "One that was given elsewhere, by the names of the questions.",
            shapes.RESPONSE,
            body=ResponseInput,
            status=(201,),
            refusals=("survey_not_running",),
            missing=True,
        ),
    }
    """GET: answers, test answers left out; whose they are needs comments.see_author. Those without a name are a list
    of their own, in no order: what comes later may stand anywhere in it. POST: one from elsewhere.
    """

    right = "reports.view"
    rights_by_method = {"POST": "surveys.edit"}

    def get(self, request: Request) -> Answered:
        asked = query(request, "customer", *PAGED, "nameless")
        sees = self.key.may(AUTHOR)
        if asked.get("nameless", "no") not in ("yes", "no"):
            raise serializers.ValidationError({"nameless": [_("Write yes or no.")]})
        if asked.get("nameless") == "yes":
            quiet = quiet_weeks.QuietWeeks.of()
            rows = quiet_weeks.of_many().select_related("survey")
            return Answered(page_of(rows, asked, lambda one: without_a_name(one, sees, quiet)))
        rows = Response.objects.counted().named().select_related("survey")
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


def without_a_name(one: Response, sees_author: bool, quiet: quiet_weeks.QuietWeeks) -> dict[str, Any]:
    """Neither the way it came nor the language, and the week only where it is one of many."""
    hidden = {"language": None, "channel": None} | ({"at": None} if quiet.holds(one) else {})
    return of_response(one, sees_author) | hidden
