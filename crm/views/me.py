"""Pages of the customer behind a link in a mail: no login, no JavaScript; opening one changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from crm.contact.topics import TOPICS, choose, pause_of, topics
from crm.models import Consent, CustomerToken
from shop.access import public
from shop.addresses import client_address
from shop.errors import to_customers
from shop.models import Throttle

HOUR = timedelta(hours=1)
GUESSES_PER_ADDRESS = 30
OWN_PAGES = {"same-origin", "none"}
Purpose = CustomerToken.Purpose
View = Callable[..., HttpResponse]
page = require_http_methods(["GET", "HEAD", "POST"])


def from_a_mail(*purposes: str) -> Callable[[View], View]:
    """Hands the view the live token, in the language of the customer; whatever is wrong with a link looks the same."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, secret: str) -> HttpResponse:
            found = (CustomerToken.find(secret, purpose=purpose) for purpose in purposes)
            token = next(filter(None, found), None)
            with translation.override(language_of(request, token)):
                return _private(view(request, token) if token else no_such_link(request))

        # The secret is the proof: there is no cookie here that another site could use. Nor can it make a browser
        # fetch an address that it does not know, so nothing is learnt from how small the page becomes.
        return to_customers(csrf_exempt(gzip_page(checked)))

    return decorate


def without_a_link(view: View) -> View:
    """For whoever has none: in the language chosen on the page or asked for by the browser."""

    @wraps(view)
    def spoken(request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request, None)):
            return _private(view(request))

    # No cookie here either; a form from elsewhere is refused by from_our_page.
    return to_customers(csrf_exempt(gzip_page(spoken)))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Language"] = translation.get_language() or ""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def from_our_page(request: HttpRequest) -> None:
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_PAGES:
        raise PermissionDenied


def language_of(request: HttpRequest, token: CustomerToken | None) -> str:
    """What was chosen on the page, else what the card says, else what the browser asks for."""
    known = dict(settings.LANGUAGES)
    for language in (request.GET.get("lang", ""), token.customer.language if token else ""):
        if language in known:
            return language
    return translation.get_language_from_request(request)


def no_such_link(request: HttpRequest) -> HttpResponse:
    verdict = Throttle.hit("token guess", client_address(request), GUESSES_PER_ADDRESS, HOUR)
    if not verdict.allowed:
        return HttpResponse(status=429, headers={"Retry-After": str(verdict.retry_after)})
    return render(request, "me/link_over.html", {"languages": languages(request)}, status=404)


def languages(request: HttpRequest) -> list[tuple[str, str]]:
    """(code, address of this page in it)."""
    return [(code, f"?{urlencode({'lang': code})}") for code, _name in settings.LANGUAGES]


@public
@page
@from_a_mail(Purpose.PREFERENCES, Purpose.ME_OPEN)
def preferences(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """What we may write to them about, a pause, birthday yes or no."""
    customer = token.customer.meant
    if request.method == "POST":
        from_our_page(request)
        ticked = set(request.POST.getlist("topic")) & set(TOPICS)
        choose(customer, token.channel, token.address, ticked=ticked, pause=request.POST.get("pause", ""))
        saved = {"lang": translation.get_language() or "", "saved": "1"}
        return HttpResponseRedirect(f"{request.path}?{urlencode(saved)}", status=303)
    context = {
        "address": token.address,
        "topics": topics(customer, token.channel, token.address),
        "pause": pause_of(customer),
        "saved": "saved" in request.GET,
        "asked": "asked" in request.GET,
        "is_open": token.purpose == Purpose.ME_OPEN,
        "languages": languages(request),
    }
    return render(request, "me/preferences.html", context)


@public
@page
@from_a_mail(Purpose.UNSUBSCRIBE)
def unsubscribe(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """Out of one kind of mail. A mail program posts here by itself (RFC 8058), so a POST needs nothing but the link."""
    customer = token.customer.meant
    if request.method == "POST" and not token.is_over:
        by_itself = request.POST.get("List-Unsubscribe") == "One-Click"
        Consent.say(
            customer,
            token.channel,
            token.address,
            {token.topic: Consent.State.WITHDRAWN},
            method=Consent.Method.LINK,
            source="one click" if by_itself else "me",
        )
    context = {
        "address": masked(token.address),
        "topic": TOPICS[token.topic],
        "over": token.is_over,
        "languages": languages(request),
    }
    return render(request, "me/unsubscribe.html", context)


def masked(address: str) -> str:
    """This link never ends and is passed on with the mail: whoever opens it need not learn the address."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…\u2060{at}{host}"  # joined: a line must not end between the dots and the @
