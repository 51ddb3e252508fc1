"""What every request passes, outermost first (the order is in config/settings.py)."""

import logging
import secrets
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from shop import logs
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
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]
        token = logs.request_id.set(request.id)
        Setting.remember_during_request()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request.id
            return response
        finally:
            Setting.forget()
            logs.request_id.reset(token)


class NeverFiveHundred:
    """The database away is a 503 with Retry-After; anything else unexpected is logged once, without its text."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError):
            return HttpResponse("", status=503, headers={"Retry-After": "5"})
        log.exception("request failed")
        return None


class BrowserPolicy:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response


class SessionLimits:
    """Signed out after a time without a request, and after a longer time in any case."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.get("since"):
            now = int(time.time())
            idle = now - request.session.get("seen", now)
            if idle > settings.SESSION_IDLE_LIMIT or now - request.session["since"] > settings.SESSION_ABSOLUTE_LIMIT:
                logout(request)
            elif idle > 60:
                request.session["seen"] = now
        return self.get_response(request)


class StaffPreferences:
    """The language a member of staff chose, and the shop's own time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.user.language if request.user.is_authenticated else self._asked_for(request)
        with translation.override(language), timezone.override(ZoneInfo(Setting.get("shop.time_zone"))):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
            return response

    @staticmethod
    def _asked_for(request: HttpRequest) -> str:
        return translation.get_language_from_request(request)
