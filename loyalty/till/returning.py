"""Goods come back. The preview books it and takes that back again, so that both say the same to the cent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Order
from loyalty.discounts.rounding import quantised
from loyalty.models import Account, Entry, GoodsBack, Redemption, SoldLine
from loyalty.models.goods_back import SHIPPING, TooManyUnits
from loyalty.points.returning import Policy, as_told
from loyalty.programme.settling import settle
from loyalty.till import clawing
from loyalty.till.sold import sold_lines
from loyalty.till.standing import standing_of
from shop.currency import currency_in_force
from shop.models import Setting

ZERO = Decimal(0)


class NothingToReturn(Exception):
    """`why`: not_paid, cancelled, or all of it came back (all_back)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Outcome:
    """What a return does, before and after it is booked the same. Amounts as Decimal, moments as texts.

    `money` goes off the order; `pay_out` of it is given to the customer: less what stands for points spent meanwhile,
    when the shop asks for that.
    """

    lines: list[dict[str, Any]] = field(default_factory=list)
    money: Decimal = ZERO
    pay_out: Decimal = ZERO
    discount_taken_back: Decimal = ZERO
    points_restored: int = 0
    points_taken: int = 0
    points_from: dict[str, int] = field(default_factory=dict)
    available: int = 0
    debt: int = 0
    discounts: list[dict[str, Any]] = field(default_factory=list)
    tier: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        currency = currency_in_force()
        told = asdict(self)
        return {name: str(quantised(one, currency)) if isinstance(one, Decimal) else one for name, one in told.items()}


class _Undone(Exception):
    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__()
        self.told = told


def preview(order: Order, units: Mapping[int, Decimal] | None, **options: Any) -> dict[str, Any]:
    """Raises what take_back raises. Nothing stays of it."""
    try:
        with transaction.atomic():
            raise _Undone(take_back(order, units, key="preview", **options).told)
    except _Undone as undone:
        return undone.told


@transaction.atomic
def take_back(
    order: Order,
    units: Mapping[int, Decimal] | None,
    *,
    key: str,
    actor: str = "",
    note: str = "",
    at: datetime | None = None,
) -> GoodsBack:
    """`units` by position, the shipping is 0; None: all that is left. The same key again is the same return.

    Raises TooManyUnits, NothingToReturn.
    """
    order.customer.held()
    order = Order.objects.select_for_update(no_key=True, of=("self",)).select_related("customer").get(pk=order.pk)
    if done := GoodsBack.objects.filter(order=order, key=key).first():
        return done
    return Returning(order, key, actor, note, at or timezone.now()).book(units)


class Returning:
    """One return while it is booked: order, points, discounts, in this order everywhere."""

    def __init__(self, order: Order, key: str, actor: str, note: str, at: datetime) -> None:
        self.order, self.key, self.actor, self.note, self.at = order, key, actor, note, at
        self.sold = {row.position: row for row in sold_lines(order)}
        self.outcome = Outcome()

    def book(self, units: Mapping[int, Decimal] | None) -> GoodsBack:
        back = self._wanted(units)
        self._goods(back)
        refund = self._money()
        self._points()
        self._discounts(back)
        outcome = self.outcome
        outcome.tier = standing_of(self.order.customer)
        return GoodsBack.objects.create(
            order=self.order,
            key=self.key,
            refund=refund,
            money=outcome.money,
            points_restored=outcome.points_restored,
            points_taken=outcome.points_taken,
            told=outcome.to_json(),
            actor=self.actor,
            at=self.at,
        )

    def _wanted(self, units: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
        if self.order.cancelled_at:
            raise NothingToReturn("cancelled")
        if not self.order.paid_at:
            raise NothingToReturn("not_paid")
        if units is None:
            units = {position: row.left for position, row in self.sold.items() if row.left}
        if unknown := set(units) - set(self.sold):
            raise TooManyUnits(min(unknown), ZERO)
        if not units:
            raise NothingToReturn("all_back")
        return dict(sorted(units.items()))

    def _goods(self, back: Mapping[int, Decimal]) -> None:
        names = {line.position: (line.name or line.sku) for line in self.order.lines.all()}
        self.worth_before = self._worth_of_points()
        for position, units in back.items():
            money, points_worth = self.sold[position].come_back(units)
            self.outcome.money += money
            self.outcome.lines.append(
                {
                    "position": position,
                    "name": names.get(position, ""),
                    "quantity": str(units),
                    "money": str(money),
                    "by_points": str(points_worth),
                }
            )
        self.outcome.discount_taken_back = clawing.take_back(self.order, self.sold, self.outcome.money)
        self.outcome.money -= self.outcome.discount_taken_back

    def _money(self) -> Any:
        """What was refunded by hand before is not given a second time."""
        self.outcome.money = self.outcome.pay_out = min(self.outcome.money, self.order.kept)
        if not self.outcome.money:
            return None
        refund = self.order.refund(self.outcome.money, at=self.at, actor=self.actor)
        if self.note:
            refund.note = self.note
            refund.save(update_fields=["note"])
        return refund

    def _points(self) -> None:
        """First what the goods had earned goes, then what was paid with comes back, and pays what is owed."""
        newest = self._newest_reversal()
        policy = Setting.get("till.spent_meanwhile")
        settle(self.order, policy=policy, actor=self.actor, at=self.at)
        entry = self._newest_reversal()
        if entry and entry != newest:
            taken = asdict(as_told(entry))
            taken.pop("entry_id")
            self.outcome.points_taken = taken.pop("points")
            self.outcome.points_from = {name: points for name, points in taken.items() if points}
            self._off_refund(taken["off_refund"] if policy == Policy.REFUND else 0)
        self._restore()
        account = Account.objects.filter(customer=self.order.customer).first()
        if account:
            self.outcome.available, self.outcome.debt = account.spendable(self.at), account.debt

    def _newest_reversal(self) -> Entry | None:
        return Entry.objects.filter(order=self.order, kind=Entry.Kind.REVERSE).order_by("-pk").first()

    def _off_refund(self, points: int) -> None:
        value = quantised(points * Setting.get("till.point_value"), currency_in_force())
        self.outcome.pay_out -= min(value, self.outcome.pay_out)

    def _restore(self) -> None:
        """In proportion, by cumulative rounding: when all has come back, all points have."""
        spent = Entry.objects.filter(order=self.order, kind=Entry.Kind.REDEEM, reason="order_paid").first()
        whole = sum((row.by_points for row in self.sold.values()), ZERO)
        if spent is None or not whole:
            return
        points = -spent.points
        back = int(points * self._worth_of_points() / whole) - int(points * self.worth_before / whole)
        if back:
            key = f"back:{self.order.pk}:{self.key}"
            Account.of(self.order.customer).restore(spent, back, key=key, actor=self.actor, at=self.at)
        self.outcome.points_restored = back

    def _worth_of_points(self) -> Decimal:
        return sum((row.points_worth_back for row in self.sold.values()), ZERO)

    def _discounts(self, back: Mapping[int, Decimal]) -> None:
        used = Redemption.objects.filter(order=self.order, state="committed")
        for redemption in used.locked():
            kept = None if redemption.pk in clawing.lost(self.order, self.sold) else back
            amount = redemption.reverse(kept, key=self.key, actor=self.actor, at=self.at)
            grant = redemption.grant
            self.outcome.discounts.append(
                {
                    "name": grant.discount.name,
                    "amount": str(amount),
                    "code": grant.code_ending,
                    "use_given_back": redemption.state == "reversed",
                }
            )


__all__ = ["SHIPPING", "NothingToReturn", "Outcome", "SoldLine", "TooManyUnits", "preview", "take_back"]
