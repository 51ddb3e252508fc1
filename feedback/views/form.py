"""The form behind a link in a mail: no login, no JavaScript; opening it changes nothing, however often."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from crm.panels import panels
from feedback.answering import guard, tokens
from feedback.answering.fields import Field
from feedback.answering.recording import values_of
from feedback.answering.sheet import fields_for, frame, language_for, languages, sheet
from feedback.models import AlreadyAnswered, CannotChange, InvitationToken, Response
from feedback.models.invitation import Channel
from feedback.surveys.kinds import Band
from feedback.views.customers import STATUS, again, in_another_language, kindly_no, page, read, secret_page, spoken
from shop.access import public
from shop.models import Setting

WAYS = {Channel.ME.value}  # what an address may say about how somebody came here


@public
@page
@secret_page
def form(request: HttpRequest, secret: str) -> HttpResponse:
    state, token = tokens.look(secret)
    if token is None or state in STATUS:
        return kindly_no(request, state)
    invitation = token.invitation
    browser = translation.get_language_from_request(request)
    language = language_for(invitation.version, request.GET.get("lang", ""), invitation.customer.language, browser)
    return spoken(language, lambda: _open(request, secret, token, state, language))


def _open(request: HttpRequest, secret: str, token: InvitationToken, state: str, language: str) -> HttpResponse:
    response = getattr(token.invitation, "response", None) if state == tokens.USED else None
    changing = "change" in request.GET and response is not None and response.may_be_changed
    if request.method == "POST" and (state == tokens.OPEN or changing):
        return _post(request, secret, token, language, response if changing else None)
    if state == tokens.USED and not changing:
        return thanks(request, token, response, language)
    version = token.invitation.version
    if response is None:
        return _form(request, secret, token, language, fields_for(version, language, {}, request.GET.get("score", "")))
    fields = fields_for(version, language, values_of(response))
    return _form(request, secret, token, language, fields, callback=response.callback)


def _form(
    request: HttpRequest,
    secret: str,
    token: InvitationToken,
    language: str,
    fields: list[Field],
    **more: Any,
) -> HttpResponse:
    context = {
        "action": f"?{urlencode(_kept(request, language))}",
        "change": "change" in request.GET,
        "order": token.invitation.order,
        "phone": token.phone,
        "test": token.invitation.test,
        "opened": request.method != "POST" and token.invitation.opened_at is None,
        "stamp": guard.stamp(secret),
        **more,
    }
    told = sheet(request, token.invitation.version, language, fields, **context)
    return render(request, "feedback/answering/form.html", told)


def _kept(request: HttpRequest, language: str, *names: str) -> dict[str, str]:
    kept = {name: request.GET[name] for name in names or ("way", "change") if name in request.GET}
    return {"lang": language, **kept}


def _post(
    request: HttpRequest, secret: str, token: InvitationToken, language: str, former: Response | None
) -> HttpResponse:
    fields = fields_for(token.invitation.version, language, {})
    how = {"callback": "callback" in request.POST and bool(token.phone), "nameless": "nameless" in request.POST}
    kept = {"stamp": guard.keep_stamp(request.POST, secret), **how}
    if in_another_language(request, fields):
        return _form(request, secret, token, language, fields, **kept)
    values, note, wait = read(request, fields, secret)
    if note or any(one.error for one in fields):
        return again(_form(request, secret, token, language, fields, note=note, **kept), wait)
    done = {"done": "1"}
    try:
        if former:
            former.change(values, callback=how["callback"], actor="")
        else:
            way = request.GET.get("way", "")
            channel = way if way in WAYS else token.invitation.channel
            token.invitation.answer(values, language=language, channel=channel, **how)
    except (AlreadyAnswered, CannotChange):
        done = {}
    return HttpResponseRedirect(f"?{urlencode({'lang': language, **done})}", status=303)


def thanks(request: HttpRequest, token: InvitationToken, response: Response | None, language: str) -> HttpResponse:
    """What happens next. Without a name nobody knows any more which answer it was, so it says what is true of all."""
    invitation = token.invitation
    fresh = "done" in request.GET
    context = {
        **frame(),
        "fresh": fresh,
        "said": invitation.version.said("thanks", language),
        "languages": languages(invitation.version, request),
        "response": response,
        "promise_hours": Setting.get("feedback.promise_hours"),
        "low": bool(response and response.band == Band.LOW),
        "panels": panels("thanks", request, response).get("thanks", []) if response and fresh else [],
    }
    return render(request, "feedback/answering/thanks.html", context)


@public
@page
@secret_page
def opened(request: HttpRequest, secret: str) -> HttpResponse:
    """The page's script says that somebody has it before their eyes. A GET says nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    state, token = tokens.look(secret)
    if token and state == tokens.OPEN and not token.invitation.test:
        token.invitation.note_opened()
    return HttpResponse(status=204)
