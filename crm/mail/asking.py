"""What stands between a wish to write and the queue: an address, and the contact budget."""

from typing import Any

from crm.models import Identifier
from shop.models import Setting


def address_of(customer: Any) -> str:
    """The first e-mail address of the card."""
    emails = customer.identifiers.filter(kind=Identifier.Kind.EMAIL).order_by("pk")
    return emails.values_list("value", flat=True).first() or ""


def before_queueing(message: Any) -> None:
    """Fill in where to and in which language; and when it may not go, why and from when."""
    if message.customer is None:
        return
    message.address = message.address or address_of(message.customer)
    message.language = message.customer.language or Setting.get("mail.language")
    if not message.address:
        message.state, message.why = message.State.NOT_SENT, "no_address"
