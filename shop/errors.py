"""How the site says no: a page for people, a problem for programs, both with the number of the request."""

import traceback

import psycopg
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from shop import logs
from shop.api.refusals import CODES, titles
from shop.problems import problem

RETRY_AFTER = 5

PAGES = {400, 403, 404, 405, 413, 429, 500, 503}


def for_programs(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/healthz", "/livez", "/readyz"))


def refuse(request: HttpRequest, status: int, reason: str = "", **headers: str) -> HttpResponse:
    if for_programs(request):
        code = CODES.get(status, "bad_request" if status < 500 else "not_available" if status == 503 else "broken")
        response: HttpResponse = problem(status, code, titles().get(status, ""), reason)
    else:
        name = status if status in PAGES else 400 if status < 500 else 500
        text = render_to_string(f"errors/{name}.html", {"request_id": logs.request_id.get(), "reason": reason})
        response = HttpResponse(text, status=status)
    for header, value in headers.items():
        response[header.replace("_", "-")] = value
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    return refuse(request, 503, Retry_After=str(RETRY_AFTER))


def without_room(request: HttpRequest) -> HttpResponse:
    reason = _("The disk is full, so nothing was saved. Free some space, then try again.")
    return refuse(request, 503, reason, Retry_After="60")


def status_of(error: BaseException) -> int:
    """What an error that nobody caught means for the one who asked."""
    if isinstance(error, OperationalError | InterfaceError | psycopg.OperationalError):
        return 503
    if isinstance(error, DataError | UnicodeError | UnreadablePostError) or _nested_beyond_reason(error):
        return 400
    return 500


def _nested_beyond_reason(error: BaseException) -> bool:
    frames = traceback.walk_tb(error.__traceback__)
    return isinstance(error, RecursionError) and any("json" in f.f_globals["__name__"] for f, _line in frames)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    return refuse(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    return refuse(request, 500)


def with_a_body(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A refusal that came without words (405 from a decorator, 429 from a view) gets them."""
    silent = response.status_code >= 400 and not response.streaming and not response.content
    if not silent or getattr(request, "htmx", False):
        return response
    said = refuse(request, response.status_code)
    for header in ("Allow", "Retry-After", "WWW-Authenticate"):
        if header in response:
            said[header] = response[header]
    return said
