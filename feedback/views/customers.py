"""What every page for customers of this room answers with, and the kind ways of saying no."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from feedback.answering import guard, tokens
from feedback.answering.fields import Field, take
from feedback.answering.sheet import frame
from shop.addresses import client_address
from shop.errors import to_customers
from shop.models import Throttle

HOUR = timedelta(hours=1)
GUESSES_PER_ADDRESS = 30
OWN_PAGES = {"same-origin", "none"}
PAUSED = "paused"
STATUS = {tokens.MALFORMED: 404, tokens.UNKNOWN: 404, tokens.EXPIRED: 410, tokens.OVER: 410, PAUSED: 410}
View = Callable[..., HttpResponse]
page = require_http_methods(["GET", "HEAD", "POST"])


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

    return to_customers(csrf_exempt(shown))


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


def read(
    request: HttpRequest, fields: list[Field], about: str, *, one_link: bool = True
) -> tuple[dict[str, Any], str, int]:
    """(values, what speaks against taking them, seconds to wait); what was typed stays in the fields."""
    values = take(fields, request.POST)
    wait = guard.too_many(request, about if one_link else "")
    return values, _wait(wait) if wait else guard.fault(request.POST, about), wait


def in_another_language(request: HttpRequest, fields: list[Field]) -> bool:
    """The form is only wanted in another language: with everything that was typed, and nothing is stored."""
    if "show" not in request.POST:
        return False
    take(fields, request.POST)
    for one in fields:
        one.error = ""
    return True


def again(response: HttpResponse, wait: int) -> HttpResponse:
    """The form once more, with everything that was typed."""
    response.status_code = 429 if wait else 422
    if wait:
        response["Retry-After"] = str(wait)
    return response


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
