"""Mail to one customer, sent by staff from the card."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm.contact.budget import may_contact
from crm.models import Customer, Message
from shop.access import right
from shop.toasts import toast

KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Link:
    """A mail that holds nothing but a link, and what its page says."""

    mail: str
    cause: str
    title: Any
    lead: Any
    sent: Any


PREFERENCES = Link(
    "preferences_link",
    "preferences",
    _("Send the preferences link"),
    _("A mail with a link to the page where they choose what the shop writes to them about. Nothing else is in it."),
    _("The link to the preferences goes to %(name)s."),
)
CARD = Link(
    "card_link",
    "card",
    _("Send the link to their card"),
    _("A mail with a link to their points, discounts and the code for the till. It works once, for 24 hours."),
    _("The link to their own card goes to %(name)s."),
)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def preferences_link(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk, PREFERENCES)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def card_link(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk, CARD)


def _page(request: HttpRequest, pk: int, link: Link) -> HttpResponse:
    """One button; pressed twice it is still one mail."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    answer = may_contact(customer, "service")
    if request.method == "POST" and answer.allowed:
        key = request.POST.get("key", "")
        cause = f"{link.cause}:{customer.pk}:{key if KEY.fullmatch(key) else uuid.uuid4().hex}"
        Message.queue(customer, "service", link.mail, cause)
        toast(request, link.sent % {"name": customer})
        return redirect(customer)
    context = {
        "customer": customer,
        "link": link,
        "address": answer.address,
        "why_not": answer.sentence,
        "key": uuid.uuid4().hex,
    }
    return render(request, "crm/mail/link.html", context, status=409 if request.method == "POST" else 200)
