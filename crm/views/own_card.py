"""The customer's own card: a link from a mail opens it once, and then it stays open for half an hour.

Opening the link changes nothing; the button behind it uses it up.
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from crm.contact.links import CARD_OPEN
from crm.models import CustomerToken, Message
from crm.panels import panels
from crm.views.me import OWN_PAGES, from_a_mail, languages, no_such_link, page
from shop.access import public

Purpose = CustomerToken.Purpose


@public
@page
@from_a_mail(Purpose.PREFERENCES, Purpose.ME_OPEN)
def ask(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """POST sends the link to the address that this one came to; once an hour."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    _from_our_page(request)
    customer = token.customer.merged_into or token.customer
    hour = timezone.now().strftime("%Y%m%d%H")
    if not customer.erased_at:
        Message.queue(customer, "service", "card_link", f"card:{customer.pk}:{hour}")
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    said = urlencode({"lang": translation.get_language() or "", "asked": "card"})
    return HttpResponseRedirect(f"{reverse('crm:preferences', args=[secret])}?{said}", status=303)


@public
@page
@from_a_mail(Purpose.ME_CARD)
def opening(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """One button."""
    if request.method != "POST":
        return render(request, "me/open_card.html", {"languages": languages(request)})
    _from_our_page(request)
    customer = token.customer.merged_into or token.customer
    if customer.erased_at or not token.use():
        return no_such_link(request)
    secret = CustomerToken.issue(
        purpose=Purpose.ME_OPEN,
        lasts=CARD_OPEN,
        customer=customer,
        channel=token.channel,
        address=token.address,
    )
    said = urlencode({"lang": translation.get_language() or ""})
    return HttpResponseRedirect(f"{reverse('crm:me_open', args=[secret])}?{said}", status=303)


@public
@page
@from_a_mail(Purpose.ME_OPEN)
def card(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """What rooms show to the customer; the panels say what."""
    customer = token.customer.merged_into or token.customer
    if customer.erased_at:
        return no_such_link(request)
    context = {
        "customer": customer,
        "panels": panels("me", request, customer).get("me", []),
        "languages": languages(request),
        "secret": request.resolver_match.kwargs["secret"] if request.resolver_match else "",
    }
    return render(request, "me/card.html", context)


def _from_our_page(request: HttpRequest) -> None:
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_PAGES:
        raise PermissionDenied
