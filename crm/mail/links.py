"""Links with secrets, made anew at each attempt to send. Of each only a digest is stored."""

from crm.contact import links
from crm.models import Message


def preferences(message: Message) -> dict[str, str]:
    return {"link": links.preferences(message.customer, message.address)}


def card(message: Message) -> dict[str, str]:
    return {"link": links.card(message.customer, message.address)}


def unsubscribe(message: Message) -> str:
    """Out of this purpose, without signing in."""
    return links.unsubscribe(message.customer, message.address, message.purpose)
