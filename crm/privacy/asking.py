"""A customer asks for a copy of their data, or to be erased: a task for staff, and the copy comes by mail."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from crm.models import CustomerToken, Event, Message, PrivacyRequest
from shop import formats
from shop.models import Throttle

LASTS = timedelta(hours=24)
MAILS_A_DAY = 3


@transaction.atomic
def ask(customer: Any, kind: str) -> PrivacyRequest:
    """Asked twice is one request; the link to the copy is mailed again, a few times a day at most."""
    known = PrivacyRequest.objects.open().filter(customer=customer, kind=kind).first()
    request = PrivacyRequest.ask(customer, kind)
    if known is None:
        Event.record("customer.asked", customer=customer, subject=request, what=kind)
    if kind == PrivacyRequest.Kind.COPY:
        tries = Throttle.hit("copy by mail", str(customer.pk), MAILS_A_DAY, timedelta(days=1))
        if tries.allowed:
            number = MAILS_A_DAY - tries.left
            cause = f"data_copy:{request.pk}:{timezone.localdate():%Y%m%d}:{number}"
            Message.queue(customer, "service", "data_copy", cause)
    return request


def minted(message: Any) -> dict[str, str]:
    """A link that works once within a day, made anew at each attempt to send."""
    secret = CustomerToken.issue(
        purpose=CustomerToken.Purpose.COPY,
        lasts=LASTS,
        customer=message.customer,
        channel="email",
        address=message.address,
    )
    until = timezone.localtime(timezone.now() + LASTS)
    link = settings.SITE_URL.rstrip("/") + reverse("crm:me_copy", args=[secret])
    return {"link": link, "until": f"{formats.day(until.date())}, {until:%H:%M}"}
