"""Putting a basket aside while it is paid: points and discounts in one transaction, or nothing at all."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from loyalty.discounts.buyer import Buyer
from loyalty.models import Checkout, Redemption
from loyalty.models.budget import BudgetEmpty
from loyalty.models.checkout import LIVES
from loyalty.models.redemption import NotAvailable
from loyalty.points.errors import NotEnoughPoints
from loyalty.till.asked import Asked
from loyalty.till.quoting import Quote, quote

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
    before = _before(asked.source, asked.reference)
    if before and before.state == Checkout.State.PAID:
        if before.digest != asked.digest:
            raise AlreadyPaid(before)
        return before, False
    if before and before.digest == asked.digest and before.expires_at > at:
        before.extend(at=at)
        return before, False
    if before:
        before.let_go(Checkout.State.VOIDED, at)
    return _take(asked, total, actor, at), True


def _take_turn(source: str, reference: str) -> None:
    """Two holds of one order come one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 8))", [f"checkout\n{source}\n{reference}"])


def _before(source: str, reference: str) -> Checkout | None:
    """Nearly always there is none, and then this costs little."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [source, reference])
        row = cursor.fetchone()
    return Checkout.objects.get(pk=row[0]) if row else None


def _take(asked: Asked, total: Decimal | None, actor: str, at: datetime) -> Checkout:
    buyer = asked.buyer
    for last in [False] * (TRIES - 1) + [True]:
        quoted = quote(asked, at=at, buyer=buyer)
        if asked.points > quoted.spendable:
            raise NotEnoughPoints(asked.points, quoted.spendable)
        if total is not None and total != quoted.priced.to_pay:
            raise PriceChanged(quoted)
        if not quoted.priced.applied:
            return _put_aside(quoted, buyer, actor)
        try:
            with transaction.atomic():
                return _put_aside(quoted, buyer, actor)
        except (NotAvailable, BudgetEmpty):
            if last:
                raise
    raise AssertionError("unreachable")


def _put_aside(quoted: Quote, buyer: Buyer, actor: str) -> Checkout:
    """Account, then grants, then budgets: in this order everywhere."""
    asked, priced, at = quoted.asked, quoted.priced, quoted.at
    checkout = Checkout.objects.create(
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
    if priced.points:
        reference = f"{asked.source}:{asked.reference}"
        checkout.hold = quoted.account.hold(priced.points, reference=reference, key=checkout.key, at=at)
        checkout.save(update_fields=["hold"])
    _take_discounts(checkout, quoted, buyer)
    return checkout


def _take_discounts(checkout: Checkout, quoted: Quote, buyer: Buyer) -> list[Any]:
    if not quoted.priced.applied:
        return []
    return Redemption.hold(
        quoted.priced,
        reference=checkout.reference,
        source=checkout.source,
        key=checkout.key,
        buyer=buyer,
        until=checkout.expires_at,
    )
