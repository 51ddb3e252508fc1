"""What every request passes, outermost first (the order is in config/settings.py)."""

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from shop import disk, errors, health, logs, request_times
from shop.at_once import one_page
from shop.devices import seen_from
from shop.models import Setting

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    ]
)


class RequestId:
    """Numbers the request, and writes its one line into the log."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        number = secrets.token_hex(8)
        token = logs.request_id.set(number)
        try:
            with Setting.read_once(), one_page(request.method):
                response = self.get_response(request)
            response["X-Request-Id"] = number
            if not request.path.startswith(settings.STATIC_URL):
                log.info("request", extra=self._line(request, response, began))
                if settings.COUNT_REQUESTS and request.path not in health.PROBES:
                    request_times.note(request, response, time.perf_counter() - began)
            return response
        finally:
            logs.request_id.reset(token)

    @staticmethod
    def _line(request: HttpRequest, response: HttpResponse, began: float) -> dict[str, Any]:
        """The route, never the path: a path may hold a secret, a query what somebody searched for."""
        match = request.resolver_match
        user = getattr(request, "_cached_user", None)
        line = {
            "method": request.method if request.method in METHODS else "other",
            "route": match.route if match else "",
            "status": response.status_code,
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        if user is not None and user.pk:
            line["user"] = user.pk
        return line


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class BrowserPolicy:
    """What a browser may do with our pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.setdefault("X-Content-Type-Options", "nosniff")
        if "frame-ancestors 'none'" in response["Content-Security-Policy"]:
            response.setdefault("X-Frame-Options", "DENY")  # it cannot name sites, so it would shut out those that may
        response.setdefault("Referrer-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
            patch_vary_headers(response, ("Accept-Language", "Cookie", "HX-Request"))
        return response


class NeverFiveHundred:
    """The last word: the database away is a 503, what cannot be stored a 400, and only a fault of ours a 500.

    Errors of the middleware below come through too, because settings.DEBUG_PROPAGATE_EXCEPTIONS
    keeps Django from answering them on its own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_request(request)
        with translation.override(language):
            if self._unreadable(request):
                return errors.refuse(request, 400)
            if request.path in health.PROBES:
                return health.PROBES[request.path](request)
            try:
                return errors.with_a_body(request, self.get_response(request))
            except Exception as error:
                return self._answer(request, error)

    @staticmethod
    def _unreadable(request: HttpRequest) -> bool:
        """What no view should have to think of: it would break far inside, each time in another place."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        try:
            for header in ("HTTP_HX_CURRENT_URL", "HTTP_REFERER"):
                urlsplit(unquote(request.META.get(header, "")))
        except ValueError:
            return True
        return "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "") or not length.isdecimal()

    @staticmethod
    def _answer(request: HttpRequest, error: Exception) -> HttpResponse:
        if disk.ran_out(error):
            log.error("the disk is full", extra={"error": type(error).__name__})
            return errors.without_room(request)
        status = errors.status_of(error)
        if status == 503:
            log.error("database away", extra={"error": type(error.__cause__ or error).__name__})
            return errors.unavailable(request)
        log.exception("request failed", extra={"status": status})
        return errors.refuse(request, status)


class SessionLimits:
    """Signed out after a time without a request, and after a longer time in any case."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if "_auth_user_id" in session:
            now = int(time.time())
            since, seen = session.get("since"), session.get("seen", now)
            if since is None:
                session["since"] = session["seen"] = now
                session["from"] = seen_from(request)
            elif now - seen > settings.SESSION_IDLE_LIMIT or now - since > settings.SESSION_ABSOLUTE_LIMIT:
                logout(request)
            elif now - seen > 60:
                session["seen"], session["from"] = now, seen_from(request)
        return self.get_response(request)


class StaffPreferences:
    """The language a member of staff chose, and the shop's own time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.user.language if request.user.is_authenticated else translation.get_language()
        zone = ZoneInfo(Setting.get("shop.time_zone"))
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        if response.streaming:  # written after we are gone
            response.streaming_content = _speaking(language, zone, response.streaming_content)
        return response


def _speaking(language: str, zone: ZoneInfo, lines: Iterable[bytes]) -> Iterator[bytes]:
    lines = iter(lines)
    while True:
        with translation.override(language), timezone.override(zone):
            line = next(lines, None)
        if line is None:
            return
        yield line
