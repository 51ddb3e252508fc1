"""Whatever a member of staff sends leaves a trace: an event, a row of the audit, or at least that they sent it.

What needs none is listed with its reason in config/untraced.py.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils.module_loading import import_string

from shop.access import PUBLIC, declared
from shop.models import AuditRow
from shop.models.audit_row import noted

_OTHERS = "…"  # a part of an address that is no number may be what somebody typed


class LeavesATrace:
    """Writes the row that a view did not write itself, when what was sent was taken."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.user.is_authenticated:
            return self.get_response(request)
        before = noted.set(False)
        try:
            response = self.get_response(request)
            match = request.resolver_match
            if match and response.status_code < 400 and not noted.get() and _needs_one(match):
                AuditRow.write("form.sent", by=request.user, address=address(match))
            return response
        finally:
            noted.reset(before)


def _needs_one(match: ResolverMatch) -> bool:
    return declared(match.func, "POST") not in (None, PUBLIC) and match.view_name not in import_string(
        settings.UNTRACED
    )


def address(match: ResolverMatch) -> str:
    """The address with its numbers, and with nothing that could be a text."""
    given = match.kwargs

    def told(part: re.Match[str]) -> str:
        value = given.get(part[1])
        return str(value) if isinstance(value, int) else _OTHERS

    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", told, match.route)
