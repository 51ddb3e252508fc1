"""Mail to one customer, sent by staff from the card."""

import re
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.contact.budget import may_contact
from crm.models import Customer, Message
from shop.access import right
from shop.toasts import toast

KEY = re.compile(r"[0-9a-f]{32}")


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def preferences_link(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("The link to the preferences goes to %(name)s.")
    return _link(request, pk, "preferences_link", "preferences", said)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def card_link(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("The link to their own card goes to %(name)s.")
    return _link(request, pk, "card_link", "card", said)


def _link(request: HttpRequest, pk: int, mail: str, cause: str, said: str) -> HttpResponse:
    """A page with one button; pressed twice it is still one mail."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    answer = may_contact(customer, "service")
    if request.method == "POST" and answer.allowed:
        key = request.POST.get("key", "")
        cause = f"{cause}:{customer.pk}:{key if KEY.fullmatch(key) else uuid.uuid4().hex}"
        Message.queue(customer, "service", mail, cause)
        toast(request, said % {"name": customer})
        return redirect(customer)
    context = {
        "customer": customer,
        "address": answer.address,
        "why_not": answer.sentence,
        "key": uuid.uuid4().hex,
    }
    return render(request, f"crm/mail/{mail}.html", context, status=409 if request.method == "POST" else 200)
