"""Putting a basket aside while it is paid: points and discounts in one transaction, or nothing at all."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from loyalty.models import Checkout
from loyalty.models.budget import BudgetEmpty
from loyalty.models.checkout import LIVES
from loyalty.models.redemption import NotAvailable
from loyalty.points.errors import NotEnoughPoints
from loyalty.till.asked import Asked
from loyalty.till.committing import pay_at_once
from loyalty.till.quoting import Quote, quote
from shop.asking import ask, ask_one
from shop.inserting import insert

_BEFORE = """
SELECT id FROM loyalty_checkout
 WHERE source = %s AND reference = %s AND state IN ('held', 'paid') FOR UPDATE
"""
TRIES = 5  # somebody else took the last use between the price and the hold: priced anew, without it


class PriceChanged(Exception):
    """It is not what the buyer was shown any more. `quote`: what it is now."""

    def __init__(self, quote: Quote) -> None:
        super().__init__("the price has changed")
        self.quote = quote


class AlreadyPaid(Exception):
    def __init__(self, checkout: Checkout) -> None:
        super().__init__(f"checkout {checkout.pk} is paid")
        self.checkout = checkout


@transaction.atomic
def hold(
    asked: Asked, *, total: Decimal | None = None, actor: str = "", at: datetime | None = None
) -> tuple[Checkout, bool]:
    """The checkout, and whether it is new. The same basket of the same order again is the same hold; another basket
    takes its place. `total`: what the buyer was told to pay.

    Raises NotEnoughPoints, PriceChanged, AlreadyPaid.
    """
    at = at or timezone.now()
    _take_turn(asked.source, asked.reference)
    before = _before(asked, at)
    if before:
        before.extend(at=at)
        return before, False
    return _take(asked, total, actor, at, _put_aside), True


def sell(
    asked: Asked, *, total: Decimal | None = None, actor: str = "", at: datetime | None = None
) -> tuple[Checkout, bool]:
    """Put aside and paid at once, inside the caller's transaction. What is put aside for the order already is paid.

    Raises what hold and Checkout.commit raise.
    """
    at = at or timezone.now()
    _take_turn(asked.source, asked.reference)
    before = _before(asked, at)
    if before:
        return before, before.commit(actor=actor, at=at)
    return _take(asked, total, actor, at, _pay), True


def _take_turn(source: str, reference: str) -> None:
    """Two holds of one order come one after the other."""
    ask("SELECT pg_advisory_xact_lock(hashtextextended(%s, 8))", [f"checkout\n{source}\n{reference}"])


def _before(asked: Asked, at: datetime) -> Checkout | None:
    """What is held or paid for this order with this basket. Nearly always there is none, and then this costs little."""
    row = ask_one(_BEFORE, [asked.source, asked.reference])
    if row is None:
        return None
    before = Checkout.objects.select_related("customer", "hold__account").get(pk=row[0])
    if before.digest == asked.digest and (before.state == Checkout.State.PAID or before.expires_at > at):
        return before
    if before.state == Checkout.State.PAID:
        raise AlreadyPaid(before)
    before.let_go(Checkout.State.VOIDED, at)
    return None


def _take(
    asked: Asked, total: Decimal | None, actor: str, at: datetime, take: Callable[[Quote, str], Checkout]
) -> Checkout:
    for last in [False] * (TRIES - 1) + [True]:
        quoted = quote(asked, at=at)
        if asked.points > quoted.spendable:
            raise NotEnoughPoints(asked.points, quoted.spendable)
        if total is not None and total != quoted.priced.to_pay:
            raise PriceChanged(quoted)
        if not quoted.priced.applied:
            return take(quoted, actor)
        try:
            with transaction.atomic():
                return take(quoted, actor)
        except (NotAvailable, BudgetEmpty):
            if last:
                raise
    raise AssertionError("unreachable")


def _put_aside(quoted: Quote, actor: str) -> Checkout:
    """Account, then grants, then budgets: in this order everywhere."""
    checkout = _opened(quoted, actor)
    insert(checkout)
    if checkout.points:
        reference = f"{checkout.source}:{checkout.reference}"
        checkout.hold = quoted.account.hold(checkout.points, reference=reference, key=checkout.key, at=quoted.at)
        checkout.save(update_fields=["hold"])
    quoted.take_discounts(checkout)
    return checkout


def _pay(quoted: Quote, actor: str) -> Checkout:
    checkout = _opened(quoted, actor)
    pay_at_once(checkout, quoted, actor=actor)
    return checkout


def _opened(quoted: Quote, actor: str) -> Checkout:
    asked, priced, at = quoted.asked, quoted.priced, quoted.at
    return Checkout(
        source=asked.source,
        reference=asked.reference,
        customer=asked.customer,
        contact={} if asked.customer else {name: text for name, text in asdict(asked.contact).items() if text},
        digest=asked.digest,
        basket=quoted.bill.to_json(),
        points=priced.points,
        point_value=quoted.value,
        earns=quoted.earned.points,
        full=priced.full,
        discount=priced.discount,
        by_points=priced.by_points,
        actor=actor,
        opened_at=at,
        expires_at=at + LIVES,
    )
