"""What may go to each address of a card, shown beside it: what holds, since when, how we know, who wrote it down."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.card.bought import newest_orders
from crm.contact.standing import by_default
from crm.models import Consent, Customer, Identifier, Suppression
from shop.at_once import once
from shop.models import User
from shop.prepared import prepared

Purpose = Consent.Purpose
YES_BY_DEFAULT = _("yes, having ordered")
ALWAYS = _("yes, as always")
NOT_ASKED = _("not asked")


@dataclass(frozen=True)
class Line:
    """One purpose of one address. `row` is what somebody said; without one the default holds."""

    purpose: str
    yes: bool
    words: Any
    row: Consent | None = None
    by: str = ""

    @property
    def label(self) -> Any:
        return Purpose(self.purpose).label

    @property
    def no(self) -> bool:
        return self.row is not None and not self.yes


@dataclass(frozen=True)
class Beside:
    lines: list[Line] = field(default_factory=list)
    suppression: Suppression | None = None

    @property
    def yes(self) -> list[Any]:
        """What is worth a word: that mail about an order comes is no news."""
        return [line.label for line in self.lines if line.yes and line.words is not ALWAYS]

    @property
    def no(self) -> list[Any]:
        return [line.label for line in self.lines if line.no]

    @property
    def silent(self) -> bool:
        return not any(line.row for line in self.lines)


@once
@prepared
def known_of(customer: Any) -> Any:
    return Identifier.objects.filter(customer=customer)


def _addresses(customer: Any) -> Any:
    """An address may be on several cards, and what was said about it holds for all of them."""
    return Identifier.objects.filter(customer=customer, kind__in=("phone", "email")).values("normalised")


@once
@prepared
def said_of(customer: Any) -> Any:
    return Consent.objects.filter(in_force__address__in=_addresses(customer))


@once
@prepared
def suppressed_of(customer: Any) -> Any:
    return Suppression.objects.in_force().filter(address__in=_addresses(customer))


def put_beside(customer: Customer, channels: list[Identifier], names: dict[str, str] | None = None) -> None:
    """`one.beside` for each address; as many queries for one as for twenty."""
    rows = list(said_of(customer)) if channels else []
    held = {(row.channel, row.address, row.purpose): row for row in rows}
    suppressed = suppressed_of(customer) if channels else ()
    nothing_goes = {(one.channel, one.address): one for one in suppressed}
    names, ordered = _names(rows) if names is None else names, _has_ordered(customer, channels)
    for one in channels:
        lines = [
            _line(purpose, held.get((one.kind, one.normalised, purpose)), one.kind == "email" and ordered, names)
            for purpose in Purpose.values
        ]
        one.beside = Beside(lines, nothing_goes.get((one.kind, one.normalised)))  # type: ignore[attr-defined]


def _line(purpose: str, row: Consent | None, ordered: bool, names: dict[str, str]) -> Line:
    if row is not None:
        return Line(purpose, row.state == Consent.State.GIVEN, row.get_state_display(), row, names.get(row.by, ""))
    if purpose in (Purpose.SERVICE, Purpose.PROFILING):
        return Line(purpose, True, ALWAYS)
    yes = ordered and by_default(purpose)
    return Line(purpose, yes, YES_BY_DEFAULT if yes else NOT_ASKED)


def _names(rows: list[Consent]) -> dict[str, str]:
    staff = {row.by.removeprefix("staff:") for row in rows if row.by.startswith("staff:")}
    return {user.actor: str(user) for user in User.objects.filter(pk__in=staff)} if staff else {}


def _has_ordered(customer: Customer, channels: list[Identifier]) -> bool:
    asked = any(one.kind == "email" for one in channels) and (by_default("feedback") or by_default("points"))
    return bool(asked) and any(not order.cancelled_at for order in newest_orders(customer))
