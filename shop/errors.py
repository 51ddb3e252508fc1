"""How the site says no: a page for people, a problem for programs, both with the number of the request."""

import traceback
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from shop import logs
from shop.api.refusals import CODES, titles
from shop.models import Setting
from shop.problems import problem

RETRY_AFTER = 5

PAGES = {400, 403, 404, 405, 413, 429, 500, 503}


def for_programs(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/healthz", "/livez", "/readyz"))


def to_customers(view: Any) -> Any:
    """A page behind a link in a mail: whoever opens it is no member of staff, and is refused in other words."""
    view.to_customers = True
    return view


def _is_to_customers(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and hasattr(match.func, "to_customers")


def refuse(request: HttpRequest, status: int, reason: str = "", **headers: str) -> HttpResponse:
    if for_programs(request):
        code = CODES.get(status, "bad_request" if status < 500 else "not_available" if status == 503 else "broken")
        response: HttpResponse = problem(status, code, titles().get(status, ""), reason or _once_more(status))
    elif _is_to_customers(request):
        response = _kindly(request, status, headers.get("Retry_After", ""))
    else:
        name = status if status in PAGES else 400 if status < 500 else 500
        text = render_to_string(f"errors/{name}.html", {"request_id": logs.request_id.get(), "reason": reason})
        response = HttpResponse(text, status=status)
    for header, value in headers.items():
        if value:
            response[header.replace("_", "-")] = value
    return response


def _once_more(status: int) -> str:
    """Nothing of the request was written, the key neither."""
    if status != 500:
        return ""
    return _("It is noted under the number of this request. Sent again with the same Idempotency-Key it is done once.")


def _kindly(request: HttpRequest, status: int, retry_after: str) -> HttpResponse:
    """In the language the page has; with the name of the shop, where the database can be asked for it."""
    wished = request.GET.get("lang", "")
    language = wished if wished in dict(settings.LANGUAGES) else get_language()
    with override(language):
        name = Setting.get("shop.name") if status < 500 else ""
        context = {"status": status, "minutes": -(-int(retry_after or 60) // 60), "shop_name": name}
        response = HttpResponse(render_to_string("errors/customers.html", context), status=status)
    response["Content-Language"], response["Referrer-Policy"] = language or "", "no-referrer"
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
    with override(response.get("Content-Language") or get_language()):
        said = refuse(request, response.status_code, Retry_After=response.get("Retry-After", ""))
    for header in ("Allow", "WWW-Authenticate"):
        if header in response:
            said[header] = response[header]
    return said
