"""What stands between the wish to write and a mail: an address, and the contact budget."""

from django.utils import timezone

from crm.contact import budget
from crm.mail.kinds import mails
from crm.models import Message
from shop.models import Setting


def before_queueing(message: Message) -> None:
    """Fill in where to and in which language; and when it may not go, why and from when."""
    if message.customer is None:
        return
    answer = budget.may_contact(message.customer, message.purpose, message.due_at, reminding=is_reminder(message))
    _fill_in(message, answer.address)
    if answer.allowed:
        return
    message.why = answer.why
    if answer.from_:
        message.due_at = answer.from_
    else:
        message.state = message.State.NOT_SENT


def may_go_now(message: Message) -> bool:
    """Asked again at sending, and on a yes its place in the budget is taken in the same transaction.

    What may not go waits for its day, or is dropped when no day is known.
    """
    if message.customer is None:
        return True
    answer = budget.claim(message.customer, message.purpose, cause=message.cause, reminding=is_reminder(message))
    _fill_in(message, answer.address)
    if answer.allowed:
        return True
    if answer.from_ and answer.from_ > timezone.now():
        message.wait(answer.from_, answer.why)
    else:
        message.end(message.State.NOT_SENT, answer.why)
    return False


def is_reminder(message: Message) -> bool:
    mail = mails().get(message.template)
    return bool(mail and mail.reminding)


def give_back(message: Message) -> None:
    """It certainly did not go out: its place in the budget is free again."""
    budget.give_back(message.cause)


def _fill_in(message: Message, address: str) -> None:
    message.address = address or message.address
    known = message.customer.language if message.customer else message.language
    message.language = known or Setting.get("mail.language")
