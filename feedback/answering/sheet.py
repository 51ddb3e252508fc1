"""What the page of a form needs, the same for a link, an open link, a frame on a website and a preview."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode

from feedback.answering import guard
from feedback.answering.fields import Field, fields_of, score_of
from feedback.models import Brand, Question, SurveyVersion
from feedback.surveys.kinds import SCORED
from shop.models import Setting
from shop.prepared import planned
from shop.typed import number_in

SHORT_INTRO = 160  # longer, it would push the score off a phone's first screen


def frame(brand: Brand | None = None) -> dict[str, Any]:
    """The shop's sign over a page for customers."""
    brand = brand or Brand.now()
    return {"shop_name": brand.shown_name, "brand_css": brand.css_url, "brand_logo": brand.logo_url}


def language_for(version: SurveyVersion, *wanted: str) -> str:
    """The first that the survey speaks, in the order of: chosen on the page, on the card, by the browser."""
    return next((one for one in wanted if one in version.languages), version.languages[0])


def languages(version: SurveyVersion, request: HttpRequest) -> list[tuple[str, str]]:
    """(code, this page in it)."""
    kept = {name: request.GET[name] for name in ("way", "change") if name in request.GET}
    if len(version.languages) < 2:
        return []
    return [(code, f"?{urlencode({**kept, 'lang': code})}") for code in version.languages]


def fields_for(version: SurveyVersion, language: str, values: Mapping[str, Any], score: str = "") -> list[Field]:
    """`score`: from the address of a link in a mail; it is chosen, no more."""
    _keep_questions(version)
    fields = fields_of(version, version.questions.all(), language, values)
    asked = score_of(fields)
    chosen = number_in(score, digits=2)
    if asked and asked.typed is None and chosen in asked.question.steps:
        asked.typed = chosen
    return fields


def _keep_questions(version: SurveyVersion) -> None:
    """As prefetch_related does: whoever writes the answer down looks at them again."""
    kept: Any = version.__dict__.setdefault("_prefetched_objects_cache", {})
    if "questions" not in kept:
        questions = version.questions.all()
        questions._result_cache = list(_questions(version))
        for one in questions:
            one.version = version
        kept["questions"] = questions


@planned
def _questions(version: Any) -> Any:
    return Question.objects.filter(version=version).order_by("position", "pk")


def sheet(
    request: HttpRequest, version: SurveyVersion, language: str, fields: list[Field], **more: Any
) -> dict[str, Any]:
    """`more`: uninvited, order, phone, change, stamp, note, preview, framed, callback, nameless."""
    survey, intro = version.survey, version.said("intro", language)
    return {
        **frame(),
        "survey": survey,
        "fields": fields,
        "intro": intro,
        "intro_first": len(intro) <= SHORT_INTRO,
        "names": survey.names,
        "scored": survey.kind in SCORED,
        "promise_hours": Setting.get("feedback.promise_hours"),
        "scripted": True,
        "languages": languages(version, request),
        "language": language,
        "wrong": [one for one in fields if one.error],
        "empty": guard.EMPTY,
        **more,
    }
