"""Putting a basket aside while it is paid: points and discounts in one transaction, or nothing at all."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from crm.models import Customer
from loyalty.models import Checkout
from loyalty.models.budget import BudgetEmpty
from loyalty.models.checkout import LIVES
from loyalty.models.redemption import NotAvailable
from loyalty.points.errors import NotEnoughPoints
from loyalty.till.asked import Asked
from loyalty.till.committing import pay_at_once
from loyalty.till.knowing import Known
from loyalty.till.quoting import Quote, about, quote
from shop.asking import ask, ask_one
from shop.inserting import insert

# Two holds of one order come one after the other, and the card that is meant stays the one.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 8))"
_TURN_WITH_CARD = f"{_TURN}, merged_into_id FROM crm_customer WHERE id = %s FOR KEY SHARE"
_NUMBER = "SELECT nextval('loyalty_checkout_id_seq')"
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
def hold(asked: Asked, *, total: Decimal | None = None, actor: str = "") -> tuple[Checkout, bool]:
    """As `put_aside`, in a transaction of its own."""
    return put_aside(asked, total=total, actor=actor)


def put_aside(
    asked: Asked, *, total: Decimal | None = None, actor: str = "", at: datetime | None = None
) -> tuple[Checkout, bool]:
    """The checkout, and whether it is new. The same basket of the same order again is the same hold; another basket
    takes its place. `total`: what the buyer was told to pay. Inside the transaction of a caller that takes all back
    when it is refused.

    Raises NotEnoughPoints, PriceChanged, AlreadyPaid.
    """
    at = at or timezone.now()
    customer = _take_turn(asked)
    known = about(asked, at)
    if known.before and (before := _before(asked, known.before, at)):
        before.extend(at=at)
        return before, False
    return _take(asked, total, at, known, lambda quoted: _put_aside(quoted, customer, actor)), True


def sell(
    asked: Asked, *, total: Decimal | None = None, actor: str = "", at: datetime | None = None
) -> tuple[Checkout, bool]:
    """Put aside and paid at once, inside the caller's transaction. What is put aside for the order already is paid.

    Raises what hold and Checkout.commit raise.
    """
    at = at or timezone.now()
    customer = _take_turn(asked)
    known = about(asked, at)
    if known.before and (before := _before(asked, known.before, at)):
        return before, before.commit(actor=actor, at=at)
    return _take(asked, total, at, known, lambda quoted: _pay(quoted, customer, actor)), True


def _take_turn(asked: Asked) -> Customer | None:
    """The card that is meant: of one that was merged meanwhile, the one it went into."""
    turn = f"checkout\n{asked.source}\n{asked.reference}"
    if asked.customer is None:
        ask(_TURN, [turn])
        return None
    _turn, merged = ask_one(_TURN_WITH_CARD, [turn, asked.customer.pk])
    return asked.customer.held() if merged else asked.customer


def _before(asked: Asked, number: int, at: datetime) -> Checkout | None:
    """What is held or paid for this order with this basket. With another one, what was held is let go."""
    before = Checkout.locked(number)
    if before is None or before.state not in (Checkout.State.HELD, Checkout.State.PAID):
        return None
    if before.digest == asked.digest and (before.state == Checkout.State.PAID or before.expires_at > at):
        return before
    if before.state == Checkout.State.PAID:
        raise AlreadyPaid(before)
    before.let_go(Checkout.State.VOIDED if before.expires_at > at else Checkout.State.EXPIRED, at)
    return None


def _take(
    asked: Asked, total: Decimal | None, at: datetime, known: Known | None, take: Callable[[Quote], Checkout]
) -> Checkout:
    if known and known.before:  # let go just now: its points and discounts are free again
        known = None
    for last in [False] * (TRIES - 1) + [True]:
        quoted = quote(asked, at=at, known=known)
        if asked.points > quoted.spendable:
            raise NotEnoughPoints(asked.points, quoted.spendable)
        if total is not None and total != quoted.priced.to_pay:
            raise PriceChanged(quoted)
        if not quoted.priced.applied:
            return take(quoted)
        try:
            with transaction.atomic():
                return take(quoted)
        except (NotAvailable, BudgetEmpty):
            if last:
                raise
            known = None
    raise AssertionError("unreachable")


def _put_aside(quoted: Quote, customer: Customer | None, actor: str) -> Checkout:
    """Account, then grants, then budgets: in this order everywhere."""
    checkout = _opened(quoted, actor)
    if checkout.points:
        (checkout.pk,) = ask_one(_NUMBER)
        reference = f"{checkout.source}:{checkout.reference}"
        account = quoted.account_of(customer)
        checkout.hold = account.put_aside(checkout.points, reference=reference, key=checkout.key, at=quoted.at)
    insert(checkout)
    quoted.take_discounts(checkout)
    return checkout


def _pay(quoted: Quote, customer: Customer | None, actor: str) -> Checkout:
    checkout = _opened(quoted, actor)
    pay_at_once(checkout, quoted, customer, actor=actor)
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
