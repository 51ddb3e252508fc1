"""Links for customers in mails: to their preferences, and out of one kind of mail. Each mail gets its own."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from crm.contact.topics import TOPICS
from crm.models import CustomerToken, Identifier

Purpose = CustomerToken.Purpose
PREFERENCES_LAST = timedelta(days=30)
CARD_LASTS = timedelta(hours=24)
CARD_OPEN = timedelta(minutes=30)


def preferences(customer: Any, address: str, *, channel: str = "email") -> str:
    """To the page where they choose what they get. Anybody with the link may, so it ends."""
    return _link(Purpose.PREFERENCES, customer, channel, address, lasts=PREFERENCES_LAST)


def card(customer: Any, address: str, *, channel: str = "email") -> str:
    """To their own card. Whoever opens it may pay with their points, so it opens once and soon ends."""
    return _link(Purpose.ME_CARD, customer, channel, address, lasts=CARD_LASTS)


def unsubscribe(customer: Any, address: str, topic: str, *, channel: str = "email") -> str:
    """Out of one kind of mail for one address. Never ends, and can do nothing else."""
    if topic not in TOPICS:
        raise ValueError(f"Nobody unsubscribes from {topic}.")
    return _link(Purpose.UNSUBSCRIBE, customer, channel, address, topic=topic, lasts=None)


def _link(purpose: str, customer: Any, channel: str, address: str, *, lasts: timedelta | None, topic: str = "") -> str:
    secret = CustomerToken.issue(
        purpose=purpose,
        lasts=lasts,
        customer=customer,
        channel=channel,
        address=Identifier.normalise(channel, address),
        topic=topic,
    )
    return settings.SITE_URL.rstrip("/") + reverse(f"crm:{purpose}", args=[secret])
