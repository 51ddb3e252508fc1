"""What a customer can choose on their own page, in their words; what they saw is kept as the wording of a yes."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.contact.standing import by_default
from crm.models import Consent, Customer, Order, Pause
from shop.at_once import once
from shop.prepared import NOW, prepared

Purpose = Consent.Purpose
State = Consent.State

# purpose -> (title, what it means)
TOPICS: dict[str, tuple[Any, Any]] = {
    Purpose.OFFERS: (_("Offers"), _("Discounts and news of the shop.")),
    Purpose.POINTS: (_("My points"), _("Before points expire, and when something new can be had for them.")),
    Purpose.FEEDBACK: (_("Questions"), _("A short question now and then about how it was.")),
    Purpose.BIRTHDAY: (_("Birthday"), _("A greeting on my birthday.")),
    Purpose.PROFILING: (
        _("Advice that fits me"),
        _("The shop may work out from my orders what could be useful to me, and when."),
    ),
}


@dataclass(frozen=True)
class Topic:
    purpose: str
    title: Any
    about: Any
    chosen: bool

    @property
    def wording(self) -> str:
        return f"{self.title}: {self.about}"


def topics(customer: Customer, channel: str, address: str) -> list[Topic]:
    """What holds now for one address, as ticks."""
    held = Consent.objects.current(channel, address)
    return [
        Topic(purpose, title, about, holds(customer, purpose, held.get(purpose)))
        for purpose, (title, about) in TOPICS.items()
    ]


@once
@prepared
def orders_of(customer: Any) -> Any:
    """Whether there is one."""
    return Order.objects.filter(customer=customer, cancelled_at=None).values_list("pk")[:1]


def holds(customer: Customer, purpose: str, row: Consent | None) -> bool:
    if row is not None:
        return row.state == State.GIVEN
    if purpose == Purpose.PROFILING:
        return customer.unprofiled_since is None
    return by_default(purpose) and bool(orders_of(customer))


def said(topics: list[Topic], ticked: set[str], held: dict[str, Consent]) -> dict[str, str]:
    """What a saved page says: every topic on it was seen and decided."""
    return {topic.purpose: _state(topic.purpose in ticked, held.get(topic.purpose)) for topic in topics}


def _state(yes: bool, row: Consent | None) -> str:
    """A no to what was never allowed is a refusal; what was refused stays a refusal."""
    if yes:
        return State.GIVEN
    return State.REFUSED if row is None or row.state == State.REFUSED else State.WITHDRAWN


@transaction.atomic
def choose(customer: Customer, channel: str, address: str, *, ticked: set[str], pause: str) -> bool:
    """The customer saved their page. False: it said what holds already."""
    shown = topics(customer, channel, address)
    choices = said(shown, ticked, Consent.objects.current(channel, address))
    wording = {topic.purpose: topic.wording for topic in shown}
    changed = bool(
        Consent.say(customer, channel, address, choices, method=Consent.Method.PAGE, wording=wording, source="me")
    )
    return _choose_pause(customer, pause) or changed


def _choose_pause(customer: Customer, pause: str) -> bool:
    if pause == "none":
        return Pause.end(customer)
    if pause in {str(days) for days in Pause.DAYS}:
        return Pause.choose(customer, int(pause))
    return False


@once
@prepared
def pauses_of(customer: Any) -> Any:
    return Pause.objects.at(NOW).filter(customer=customer).order_by("-until")[:1]


def pause_of(customer: Customer) -> Pause | None:
    """Of several that hold the longest."""
    return next(iter(pauses_of(customer)), None)
