"""Who may open an address: declared on the view, decided here, before the view runs.

    @right("reports.view")                        one right for every method
    @right("customers.view", post="customers.edit")   another right for one method
    @signed_in                                    every member of staff; the view decides about the rest
    @public                                       anybody

A class of an API says `right = "orders.add"` (the scope its key needs) and checks it before its methods run.
An address that declares nothing fails tests/shop/test_access_table.py.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.http import urlencode
from django_htmx.middleware import HtmxDetails

from shop.models import User
from shop.rights import RIGHTS
from shop.signing_in import owes_second_factor

PUBLIC = "public"
SIGNED_IN = "signed_in"

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """What a view behind right() or signed_in gets."""

    user: User
    htmx: HtmxDetails


def right(name: str, **by_method: str) -> Callable[[View], View]:
    rights = {method.upper(): needed for method, needed in by_method.items()}
    unknown = {name, *rights.values()} - {*RIGHTS, SIGNED_IN}
    if unknown:
        raise LookupError(f"There is no right {', '.join(sorted(unknown))}.")

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            needed = rights.get(request.method or "", name)
            if needed != SIGNED_IN and not request.user.may(needed):
                raise PermissionDenied(needed)
            if not hasattr(view, "before_second_factor") and owes_second_factor(request):
                return ask_for_second_factor(request)
            return view(request, *args, **kwargs)

        checked.right, checked.rights_by_method = name, rights
        return checked

    return decorate


def signed_in(view: View) -> View:
    return right(SIGNED_IN)(view)


def before_second_factor(view: View) -> View:
    """Open to an administrator who has yet to switch on the second factor that the shop asks for."""
    view.before_second_factor = True
    return view


def public(view: View) -> View:
    view.right, view.rights_by_method = PUBLIC, {}
    return view


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    return _send_to(settings.LOGIN_URL, request)


def ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    return _send_to("shop:second_factor", request)


def _send_to(view: str, request: HttpRequest) -> HttpResponse:
    """A page is sent there; a part of a page (htmx) makes the whole page go."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if htmx:
        here = urlsplit(htmx.current_url_abs_path or "")
        back = urlencode({"next": here._replace(scheme="", netloc="").geturl()})
        return HttpResponse(status=401, headers={"HX-Redirect": f"{resolve_url(view)}?{back}"})
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), resolve_url(view))
    return HttpResponse(status=302, headers={"Location": resolve_url(view)})


def declared(callback: Any, method: str = "GET") -> str | None:
    """The right a view needs for a method, PUBLIC, SIGNED_IN, or None: it says nothing."""
    holder = callback if hasattr(callback, "right") else getattr(callback, "view_class", getattr(callback, "cls", None))
    by_method = getattr(holder, "rights_by_method", {})
    return by_method.get(method, getattr(holder, "right", None))


def all_patterns(resolver: Any = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """(route, name with its room, pattern) of every address of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from all_patterns(entry, route, inner)
        else:
            yield route, f"{space}{entry.name or ''}", entry


def undeclared() -> list[str]:
    return [route for route, _, pattern in all_patterns() if declared(pattern.callback) is None]
