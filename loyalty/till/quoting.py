"""What a basket would cost this customer now, what it would earn, and why the rest does not count. Writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

from django.utils import timezone

from loyalty.discounts import codes as spelling
from loyalty.discounts.basket import PointsToPay, Priced, Refused
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.offers import offers_for
from loyalty.discounts.pricing import price
from loyalty.models import Account, Grant, Hold, Lot, Redemption
from loyalty.points.balance import FREE, by_day
from loyalty.points.days import local_day
from loyalty.programme.birthday import is_near
from loyalty.programme.earning import Earned, Facts, Part, points_for
from loyalty.till.asked import Asked
from loyalty.till.knowing import Known, know
from loyalty.till.paying import Bill
from shop.currency import currency_in_force
from shop.models import Setting

PENDING = "pending"
NOT_ENOUGH = "not_enough_points"
BELOW_FEWEST = "below_minimum"
NO_ACCOUNT = "no_account"
UNKNOWN_CODE = "unknown_code"


@dataclass(frozen=True)
class PointsWhyNot:
    """`at`: from when on pending points can be spent. `points`: how many this is about."""

    code: str
    points: int
    at: datetime | None = None


@dataclass(frozen=True)
class Quote:
    """`spendable`: points that could be spent now; `value`: what one pays."""

    asked: Asked
    at: datetime
    priced: Priced
    bill: Bill
    spendable: int
    value: Decimal
    earned: Earned
    known: Known
    points_why_not: list[PointsWhyNot] = field(default_factory=list)
    unknown_codes: list[str] = field(default_factory=list)

    @property
    def account(self) -> Any:
        return self.known.account

    def account_of(self, customer: Any) -> Any:
        """`customer`: the card that is meant, which may have come in the place of the one that was asked about."""
        return self.account if customer == self.asked.customer else Account.of(customer)

    @property
    def buyer(self) -> Buyer:
        return self.known.buyer

    def take_discounts(self, checkout: Any) -> None:
        """One use of each, for an order that is put aside or paid. Raises NotAvailable, BudgetEmpty."""
        if self.priced.applied:
            Redemption.hold(
                self.priced,
                reference=checkout.reference,
                source=checkout.source,
                key=checkout.key,
                buyer=self.buyer,
                until=checkout.expires_at,
            )

    @property
    def points(self) -> int:
        return self.priced.points

    @property
    def refused(self) -> tuple[Refused, ...]:
        return self.priced.refused


def quote(asked: Asked, *, at: datetime | None = None, known: Known | None = None) -> Quote:
    at = at or timezone.now()
    known = known or about(asked, at)
    currency, account = currency_in_force(), known.account
    spendable = spendable_by(known, asked, at)
    value, fewest = Setting.get("till.point_value"), Setting.get("till.fewest_points")
    wanted = min(asked.points, spendable)
    to_pay = PointsToPay(wanted if wanted >= fewest else 0, value) if value else None
    asks = asked.codes or known.has_grants  # most have neither
    offers = offers_for(known.buyer, codes=asked.codes, at=at, reference=asked.reference) if asks else []
    priced = price(asked.basket(currency), offers, at=at, points=to_pay)
    bill = Bill.of(priced, asked.items)
    return Quote(
        asked=asked,
        at=at,
        priced=priced,
        bill=bill,
        spendable=spendable,
        value=value,
        earned=would_earn(asked.customer, bill, at, known),
        known=known,
        points_why_not=list(points_why_not(account, asked, spendable, fewest, at)),
        unknown_codes=unknown(asked.codes),
    )


def about(asked: Asked, at: datetime) -> Known:
    customer, guest = (asked.customer.pk, None) if asked.customer else (None, asked.guest)
    return know(customer, at, guest, source=asked.source, reference=asked.reference)


def spendable_by(known: Known, asked: Asked, at: datetime) -> int:
    """What the order holds itself does not stand in its way."""
    account, held = known.account, 0
    if account is None:
        return 0
    if account.held and known.before:
        own = Hold.objects.open().filter(account=account, reference=f"{asked.source}:{asked.reference}")
        held = sum(own.values_list("points", flat=True))
    return int(account.spendable_as_read(at)) + held


def would_earn(customer: Any, bill: Bill, at: datetime, known: Known) -> Earned:
    """What is paid with points, or taken off, earns nothing."""
    terms = known.terms
    if terms is None or customer is None:
        return Earned(0, Fraction(0), {})
    parts = [Part(line.item.category, line.money) for line in bill.lines if line.money]
    birthday = is_near(customer.birthday, local_day(at), terms.birthday_days)
    return points_for(parts, terms, Facts(tier=known.tier, first_order=known.first_order, birthday=birthday))


def earns(checkout: Any, bill: Bill, at: datetime) -> int:
    """What a basket that is put aside would earn when it is paid otherwise than it was quoted."""
    return would_earn(checkout.customer, bill, at, know(checkout.customer_id, at)).points


def points_why_not(account: Any, asked: Asked, spendable: int, fewest: int, at: datetime) -> Iterator[PointsWhyNot]:
    if account is None:
        if asked.points:
            yield PointsWhyNot(NO_ACCOUNT, asked.points)
        return
    if asked.points > spendable:
        yield PointsWhyNot(NOT_ENOUGH, asked.points - spendable)
    if 0 < min(asked.points, spendable) < fewest:
        yield PointsWhyNot(BELOW_FEWEST, fewest)
    if account.pending or account.next_change_at <= at:
        later = Lot.objects.free().filter(account_id=account.pk, available_at__gt=at).order_by("available_at")
        moments = later.values_list("available_at", FREE)[:50]
        yield from (PointsWhyNot(PENDING, points, begins) for begins, points in islice(by_day(moments), 3))


def unknown(codes: Any) -> list[str]:
    """Nobody has them; what waits for approval is not there for anybody either."""
    if not codes:
        return []
    plain = {spelling.plain(code): code for code in codes}
    known = Grant.objects.there().filter(code__in=plain).values_list("code", flat=True)
    return [code for text, code in plain.items() if text not in set(known)]
