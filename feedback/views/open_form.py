"""The form that anybody may open: by a QR code, a link, a frame on a website. Who answers is not known."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from feedback.answering import guard, tokens, widget
from feedback.answering.fields import Field
from feedback.answering.recording import answer_uninvited
from feedback.answering.sheet import fields_for, frame, language_for, languages, sheet
from feedback.models import SurveyVersion
from feedback.models.invitation import Channel
from feedback.views.customers import PAUSED, again, in_another_language, kindly_no, page, read, secret_page, spoken
from shop.access import public
from shop.typed import number_in


@public
@page
@secret_page
def open_form(request: HttpRequest, code: str, framed: bool = False) -> HttpResponse:
    version = found(code, request.GET.get("v", "") if request.method == "POST" else "")
    why = tokens.UNKNOWN if version is None else closed(version)
    if version is None or why:
        return _framed(kindly_no(request, why), framed)
    browser = translation.get_language_from_request(request)
    language = language_for(version, request.GET.get("lang", ""), browser)
    return _framed(spoken(language, lambda: _open(request, version, language, code, framed)), framed)


def found(code: str, number: str = "") -> SurveyVersion | None:
    """What is asked now by an open link; of a form that is sent, what it asked when it was opened."""
    if len(code) > 24:
        return None
    published = SurveyVersion.objects.published().filter(survey__open_code=code)
    rows = published.select_related("survey").order_by("-number")
    return rows.filter(number=number_in(number, digits=8) or 0).first() or rows.first()


def closed(version: SurveyVersion) -> str:
    if version.survey.archived_at:
        return tokens.OVER
    return "" if version.survey.is_running else PAUSED


def _framed(response: HttpResponse, framed: bool) -> HttpResponse:
    return widget.let_in(response) if framed else response


def _open(request: HttpRequest, version: SurveyVersion, language: str, code: str, framed: bool) -> HttpResponse:
    if "done" in request.GET:
        return _thanks(request, version, language, framed)
    score = request.GET.get("score", "")
    fields = fields_for(version, language, {}, score if request.method != "POST" else "")
    if request.method != "POST":
        return _form(request, version, language, fields, framed, stamp=guard.stamp(code))
    kept = guard.keep_stamp(request.POST, code)
    if in_another_language(request, fields):
        return _form(request, version, language, fields, framed, stamp=kept)
    values, note, wait = read(request, fields, code, one_link=False)
    if note or any(one.error for one in fields):
        return again(_form(request, version, language, fields, framed, note=note, stamp=kept), wait)
    channel = Channel.WIDGET if framed else Channel.OPEN
    with transaction.atomic():
        if guard.first_use(request.POST["stamp"]):
            answer_uninvited(version, values, language=language, channel=channel)
    return HttpResponseRedirect(f"?{urlencode({'lang': language, 'done': '1'})}", status=303)


def _form(
    request: HttpRequest, version: SurveyVersion, language: str, fields: list[Field], framed: bool, **more: Any
) -> HttpResponse:
    action = f"?{urlencode({'lang': language, 'v': version.number})}"
    more = {"uninvited": True, "framed": framed, "action": action, **more}
    return render(request, "feedback/answering/form.html", sheet(request, version, language, fields, **more))


def _thanks(request: HttpRequest, version: SurveyVersion, language: str, framed: bool) -> HttpResponse:
    said = {"fresh": True, "said": version.said("thanks", language), "languages": languages(version, request)}
    return render(request, "feedback/answering/thanks.html", {**frame(), **said, "framed": framed, "scripted": True})


@public
@page
def widget_script(request: HttpRequest, code: str) -> HttpResponse:
    """The one script tag of a website: it puts the frame where it stands."""
    version = found(code)
    text = widget.script(version.survey, settings.SITE_URL.rstrip("/")) if version else ""
    return HttpResponse(
        text,
        content_type="text/javascript; charset=utf-8",
        status=200 if version else 404,
        headers={"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"},
    )
