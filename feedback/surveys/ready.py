"""Surveys that can be sent as they are: ready.json has their questions in every language of ours."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from crm.models import Event
from feedback.models import Question, Survey

READY = Path(__file__).with_name("ready.json")


@cache
def ready() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(READY.read_text())
    return found


def first_question(kind: str, language: str) -> str:
    texts = ready()[kind]["questions"][0]["texts"]
    return texts.get(language, texts["en"])["ask"]


@transaction.atomic
def make(told: dict[str, Any], kind: str, *, by: Any = None, actor: str = "", language: str = "") -> Survey:
    """A survey with a draft as `told`, an entry of ready.json, says; the language given comes first."""
    codes = [code for code, _name in settings.LANGUAGES]
    first = language or (get_language() or "")[:2]
    first = first if first in codes else codes[0]
    survey = Survey.objects.create(kind=kind, name=told["names"][first], created_by=by, **told["settings"])
    languages = [first, *(code for code in codes if code != first)]
    version = survey.versions.create(number=1, languages=languages, texts=told["texts"], made_by=by)
    Question.objects.bulk_create(
        Question(version=version, position=position, **question) for position, question in enumerate(told["questions"])
    )
    Event.record("survey.changed", subject=survey, actor=actor, survey=survey.name, what="made", version=1)
    return survey
