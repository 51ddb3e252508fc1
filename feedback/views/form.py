"""The form behind a link in a mail: no login, no JavaScript; opening it changes nothing, however often."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.panels import panels
from feedback.answering import guard, tokens
from feedback.answering.fields import Field, take
from feedback.answering.recording import values_of
from feedback.answering.sheet import fields_for, frame, language_for, languages, sheet
from feedback.models import AlreadyAnswered, CannotChange, InvitationToken, Response
from feedback.models.invitation import Channel
from feedback.surveys.kinds import Band
from shop.access import public
from shop.addresses import client_address
from shop.models import Setting, Throttle

HOUR = timedelta(hours=1)
GUESSES_PER_ADDRESS = 30
OWN_PAGES = {"same-origin", "none"}
STATUS = {tokens.MALFORMED: 404, tokens.UNKNOWN: 404, tokens.EXPIRED: 410, tokens.OVER: 410, "paused": 410}
WAYS = {Channel.ME.value}  # what an address may say about how somebody came here
page = require_http_methods(["GET", "HEAD", "POST"])
View = Callable[..., HttpResponse]


def secret_page(view: View) -> View:
    """What every page for customers answers with (docs/decisions/0010-secret-pages.md)."""

    @wraps(view)
    def shown(request: HttpRequest, **named: Any) -> HttpResponse:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in OWN_PAGES:
            raise PermissionDenied
        response = view(request, **named)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        return response

    return csrf_exempt(shown)


def spoken(language: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    with translation.override(language):
        response = answer()
        response.headers["Content-Language"] = language
    return response


def kindly_no(request: HttpRequest, why: str) -> HttpResponse:
    """One page for each reason, none of which says whose link it was, or of what."""
    if STATUS[why] == 404:
        verdict = Throttle.hit("token guess", client_address(request), GUESSES_PER_ADDRESS, HOUR)
        if not verdict.allowed:
            return HttpResponse(status=429, headers={"Retry-After": str(verdict.retry_after)})
    every = [(code, f"?{urlencode({'lang': code})}") for code, _name in settings.LANGUAGES]
    chosen = request.GET.get("lang", "")
    language = chosen if chosen in dict(every) else translation.get_language_from_request(request)
    context = {"why": why, "languages": every}
    return spoken(
        language,
        lambda: render(request, "feedback/answering/no.html", {**frame(), **context}, status=STATUS[why]),
    )


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
    status: int = 200,
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
    return render(request, "feedback/answering/form.html", told, status=status)


def _kept(request: HttpRequest, language: str, *names: str) -> dict[str, str]:
    kept = {name: request.GET[name] for name in names or ("way", "change") if name in request.GET}
    return {"lang": language, **kept}


def _post(
    request: HttpRequest, secret: str, token: InvitationToken, language: str, former: Response | None
) -> HttpResponse:
    fields = fields_for(token.invitation.version, language, {})
    values, data = take(fields, request.POST), request.POST
    how = {"callback": "callback" in data and bool(token.phone), "nameless": "nameless" in data}
    wait = guard.too_many(request, secret)
    note = _wait(wait) if wait else guard.fault(data, secret)
    if note or any(one.error for one in fields):
        more = {"note": note, "stamp": guard.keep_stamp(data, secret), **how}
        again = _form(request, secret, token, language, fields, status=429 if wait else 422, **more)
        if wait:
            again["Retry-After"] = str(wait)
        return again
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


def _wait(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return (
        translation.ngettext(
            "Many answers came from here. Yours is still here: please send it in %d minute.",
            "Many answers came from here. Yours is still here: please send it in %d minutes.",
            minutes,
        )
        % minutes
    )


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
