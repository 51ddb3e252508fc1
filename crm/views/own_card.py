"""The customer's own card: a link from a mail opens it once, and then it stays open for half an hour.

Opening the link changes nothing; the button behind it uses it up.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from crm.card.panels import own_card
from crm.contact import card_link
from crm.contact.links import CARD_OPEN
from crm.contact.topics import pause_of, topics
from crm.models import CustomerToken
from crm.panels import ask as ask_for_panels
from crm.panels import panels
from crm.views.me import (
    HOUR,
    from_a_mail,
    from_our_page,
    languages,
    no_such_link,
    page,
    without_a_link,
)
from shop.access import public
from shop.addresses import client_address
from shop.forms import AskForLinkForm
from shop.models import Throttle

Purpose = CustomerToken.Purpose
LINKS_PER_ADDRESS = 20


@public
@page
@without_a_link
def me(request: HttpRequest) -> HttpResponse:
    """Whoever has no link any more names their e-mail. Says the same, and does as much, for every address."""
    form = AskForLinkForm(request.POST or None)
    if request.method == "POST":
        from_our_page(request)
        if form.is_valid():
            return _mailed(request, form.cleaned_data["email"])
    context = {
        "languages": languages(request),
        "wrong": request.method == "POST",
        "asked": "asked" in request.GET,
        "closed": "closed" in request.GET,
    }
    return render(request, "me/ask.html", context, status=422 if request.method == "POST" else 200)


def _mailed(request: HttpRequest, email: str) -> HttpResponse:
    verdict = Throttle.hit("card by mail", client_address(request), LINKS_PER_ADDRESS, HOUR)
    if not verdict.allowed:
        return HttpResponse(status=429, headers={"Retry-After": str(verdict.retry_after)})
    card_link.ask(email)
    return _to(reverse("crm:me"), asked="1")


@public
@page
@from_a_mail(Purpose.PREFERENCES, Purpose.ME_OPEN)
def ask(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """POST sends the link to the address on the card."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    from_our_page(request)
    card_link.send(token.customer.meant)
    return _to(reverse("crm:preferences", args=[_secret(request)]), asked="card")


@public
@page
@from_a_mail(Purpose.ME_CARD)
def opening(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """One button."""
    if request.method != "POST":
        return render(request, "me/open_card.html", {"languages": languages(request)})
    from_our_page(request)
    customer = token.customer.meant
    if customer.erased_at or not token.use():
        return no_such_link(request)
    secret = CustomerToken.issue(
        purpose=Purpose.ME_OPEN,
        lasts=CARD_OPEN,
        customer=customer,
        channel=token.channel,
        address=token.address,
    )
    return _to(reverse("crm:me_open", args=[secret]))


@public
@page
@from_a_mail(Purpose.ME_OPEN)
def card(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """What rooms show to the customer; the panels say what."""
    found = token.customer.meant
    if found.erased_at:
        return no_such_link(request)
    customer = own_card(found)
    ask_for_panels("me", customer, None)
    context = {
        "customer": customer,
        "panels": panels("me", request, customer).get("me", []),
        "topics": topics(customer, token.channel, token.address),
        "pause": pause_of(customer),
        "languages": languages(request),
        "secret": _secret(request),
        "closes_at": token.expires_at,
    }
    return render(request, "me/card.html", context)


@public
@page
@from_a_mail(Purpose.ME_OPEN)
def close(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """POST: whoever holds this phone or sits at this computer next sees nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    from_our_page(request)
    token.use()
    return _to(reverse("crm:me"), closed="1")


def _to(address: str, **said: str) -> HttpResponse:
    """On, in the language of this page."""
    words = urlencode({"lang": translation.get_language() or "", **said})
    return HttpResponseRedirect(f"{address}?{words}", status=303)


def _secret(request: HttpRequest) -> str:
    return request.resolver_match.kwargs["secret"] if request.resolver_match else ""
