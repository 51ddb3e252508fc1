"""The link to a customer's own card goes by mail: to whoever asks on their page, or names their e-mail."""

import secrets
from datetime import timedelta

from django.utils import timezone

from crm.models import Customer, Identifier, Message
from shop.jobs import job
from shop.models import Job

KIND = "crm.mail_card_links"
MAIL = "card_link"
ONE_MAIL_IN = timedelta(minutes=10)
MAILS_A_DAY = 6
FAMILY = 5  # who share an e-mail and each get their own


def ask(address: str) -> Job:
    """An address that nobody is known by is a job that does nothing, so that asking takes as long for everyone."""
    email = Identifier.Kind.EMAIL
    known = Identifier.objects.filter(kind=email, normalised=Identifier.normalise(email, address))
    customers = list(known.order_by("pk").values_list("customer_id", flat=True)[:FAMILY])
    return Job.request(KIND, lane=f"mail:{secrets.token_hex(8)}", customers=customers)


@job(KIND)
def mail_card_links(job: Job) -> None:
    known = Customer.objects.filter(pk__in=job.params["customers"]).select_related("merged_into")
    for customer in {one.meant for one in known}:
        send(customer)


def send(customer: Customer) -> None:
    """Asked twice within some minutes is one mail; the first link still opens."""
    now = timezone.now()
    today = Message.objects.filter(customer=customer, template=MAIL, queued_at__gt=now - timedelta(days=1))
    if customer.erased_at or today.count() >= MAILS_A_DAY:
        return
    Message.queue(
        customer, "service", MAIL, f"card:{customer.pk}:{int(now.timestamp() // ONE_MAIL_IN.total_seconds())}"
    )
