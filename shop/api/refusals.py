"""Every way in which the API says no, put into the one problem shape."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions

from shop.problems import problem
from shop.rights import RightMissing

log = logging.getLogger(__name__)


class Refused(exceptions.APIException):
    """A no with a code for programs. `extra` becomes members of the problem, for example left="5.00"."""

    status_code = 409

    def __init__(self, code: str, detail: Any, *, status: int | None = None, **extra: Any) -> None:
        super().__init__(detail, code)
        self.code, self.extra = code, extra
        self.status_code = status or self.status_code


CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}

# Codes of a refusal that is no conflict.
STATUS_OF = {
    "too_many_codes": 429,
    "too_many_requests": 429,
    "scope_missing": 403,
    "idempotency_key_reused": 422,
}


def titles() -> dict[int, str]:
    return {
        400: _("The request is not right."),
        401: _("No valid API key."),
        403: _("The key does not allow this."),
        404: _("There is nothing here."),
        405: _("This cannot be done here."),
        409: _("It does not go with what is there."),
        411: _("The length of the body is missing."),
        413: _("The body is too large."),
        415: _("Only application/json is read."),
        422: _("It cannot be done like this."),
        429: _("Too many requests."),
        500: _("Something broke on our side."),
        503: _("Not available at the moment."),
    }


def answer_to(error: Exception, context: Any = None) -> JsonResponse | None:
    """The problem for an exception; None when nobody expected it."""
    if isinstance(error, exceptions.ValidationError):
        return _problem(400, "invalid", _("Some values are not right."), errors=error.detail)
    if isinstance(error, Refused):
        return _problem(error.status_code, error.code, error.detail, **error.extra)
    if isinstance(error, Http404):
        return _problem(404, CODES[404], _("There is no such thing."))
    if isinstance(error, RightMissing):
        return _problem(403, "scope_missing", _("The key lacks the scope %s.") % error.right, scope=error.right)
    if isinstance(error, PermissionDenied):
        return _problem(403, CODES[403], "")
    if isinstance(error, exceptions.APIException):
        return _of_the_framework(error)
    if isinstance(error, UnreadablePostError):
        return _problem(400, CODES[400], _("The body broke off."))
    if isinstance(error, DataError):
        # The net under the checks: PostgreSQL could not store a value.
        log.error("value refused by the database", extra={"error": type(error).__name__})
        return _problem(400, "invalid", _("Some values cannot be stored."))
    if isinstance(error, OperationalError | InterfaceError):
        log.error("database not available", extra={"error": type(error).__name__})
        return _problem(503, "not_available", _("Try again in a few seconds."), retry_after=5)
    return None


def _of_the_framework(error: exceptions.APIException) -> JsonResponse:
    status = error.status_code
    extra = {}
    if getattr(error, "wait", None) is not None:
        extra["retry_after"] = int(error.wait)  # type: ignore[attr-defined]
    response = _problem(status, CODES.get(status, "bad_request"), error.detail, **extra)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    return response


def _problem(status: int, code: str, detail: Any, **extra: Any) -> JsonResponse:
    return problem(status, code, titles().get(status, ""), detail, **extra)
