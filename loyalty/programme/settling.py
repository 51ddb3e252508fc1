"""Brings the points posted for an order to what the order is worth now.

Placed, paid, part-refunded, told twice or told out of order: the difference is posted; when there is none, nothing is.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Customer, Order
from loyalty.models import Account, EarningRule, Entry, ImportedOrders, TierPeriod
from loyalty.models.goods_back import SHIPPING
from loyalty.points.days import expiry, local_day
from loyalty.points.returning import Policy, earned_for
from loyalty.programme.birthday import is_near
from loyalty.programme.earning import Earned, Facts, Part, Terms, keep, points_for

by_position = attrgetter("position")


@transaction.atomic
def settle(order: Order, *, policy: str = Policy.DEBT, actor: str = "", at: datetime | None = None) -> int:
    """Returns the points that were added, or, below zero, taken back."""
    customer = order.customer.held()  # before the order and the account, as everywhere
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    posted = earned_for(order)
    rule = rule_of(order, posted)
    if rule is None or customer.erased_at:
        return 0
    due = worth(order, rule)
    if due.points == posted:
        return 0
    account = Account.of(customer)
    key = f"order:{order.pk}:{Entry.objects.filter(order=order).count()}"
    if due.points > posted:
        dates = dates_of(order, rule)
        given: dict[str, Any] = {
            "order": order,
            "reason": "order",
            "key": key,
            "snapshot": due.snapshot,
            "actor": actor,
        }
        account.earn(due.points - posted, at=at, **dates, **given)
    else:
        account.take_back_earned(order, due.points, key=key, policy=policy, actor=actor, at=at)
    return due.points - posted


def rule_of(order: Order, posted: int = 0) -> EarningRule | None:
    """The rule of the day of purchase. Imported orders have none, unless their import says from when on."""
    if order.brought_by and not posted:
        told = ImportedOrders.objects.filter(import_id=order.brought_by, since__lte=order.placed_at)
        if not told.exists():
            return None
    return EarningRule.in_force_at(order.placed_at)


def worth(order: Order, rule: EarningRule, *, kept: Decimal | None = None, facts: Facts | None = None) -> Earned:
    """What the order has earned, by what is kept of it; `kept`: if so much of its money were kept."""
    counts = order.paid_at and not order.cancelled_at
    parts, by_line = parts_kept(order) if counts else ([], Fraction(0))
    refunded = Fraction(order.total - (order.kept if kept is None else kept)) - by_line
    goods = sum((Fraction(part.value) for part in parts), Fraction(0))
    return points_for(keep(parts, goods - max(refunded, Fraction(0))), Terms.of(rule), facts or facts_of(order, rule))


def parts_kept(order: Order) -> tuple[list[Part], Fraction]:
    """What is kept of each line, and how much of the refunds that explains: goods that came back by line leave exactly
    what the others earn; money that was only given back leaves a part of each."""
    sold = sorted(order.sold_lines.all(), key=by_position)
    if not sold:
        return parts_of(order), Fraction(0)
    categories = {line.position: line.category for line in order.lines.all()}
    kept = [Part(categories.get(row.position, ""), row.kept) for row in sold if row.position != SHIPPING and row.kept]
    return kept, Fraction(sum((row.refunded for row in sold), Decimal(0)))


def parts_of(order: Order) -> list[Part]:
    """What was paid for goods, line by line. Shipping earns nothing, and points that were paid with do not either."""
    lines = [Part(line.category, line.paid) for line in sorted(order.lines.all(), key=by_position) if line.paid]
    goods = max(order.total - order.shipping, Decimal(0))
    if not lines:
        return [Part("", goods)]
    return keep(lines, goods)


def facts_of(order: Order, rule: EarningRule) -> Facts:
    """As they were when the order first earned: what happened later does not change what its goods are worth."""
    first = Entry.objects.filter(order=order, kind=Entry.Kind.EARN).order_by("pk").first()
    if first and "facts" in first.snapshot:
        return Facts(**first.snapshot["facts"])
    day = local_day(order.placed_at)
    return Facts(
        tier=tier_on(order.customer_id, day),
        first_order=is_first(order),
        birthday=is_near(order.customer.birthday, day, rule.birthday_days),
    )


def tier_on(customer: int, day: Any) -> int | None:
    rows = TierPeriod.objects.filter(customer=customer, began_on__lte=day).order_by("-began_on", "-pk")
    period = rows.first()
    return period.tier_id if period and (period.ended_on is None or period.ended_on >= day) else None


def is_first(order: Order) -> bool:
    """Nothing bought before is kept, and no other order was the first already."""
    others = Order.objects.filter(customer=order.customer_id).exclude(pk=order.pk)
    if others.filter(net__gt=0, placed_at__lte=order.placed_at).exists():
        return False
    return not Entry.objects.filter(order__in=others, snapshot__facts__first_order=True).exists()


def dates_of(order: Order, rule: EarningRule) -> dict[str, Any]:
    """From when on the points can be spent, and when they are over."""
    paid_at = order.paid_at or timezone.now()
    available_at = paid_at + timedelta(days=rule.return_days)
    return {"available_at": available_at, "expires_at": expiry(available_at, rule.keep_months)}


def bonus(
    customer: Customer, points: int, *, reason: str, key: str, at: datetime | None = None, actor: str = ""
) -> Entry | None:
    """Points beside orders: a birthday, a referral, a challenge. Once per key; available at once."""
    rule = EarningRule.in_force_at(at)
    customer = customer.held()
    if not points or rule is None or customer.erased_at:
        return None
    now = at or timezone.now()
    account = Account.of(customer)
    return account.earn(
        points,
        reason=reason,
        key=key,
        kind=Entry.Kind.BONUS,
        expires_at=expiry(now, rule.keep_months),
        snapshot={"rule": rule.pk},
        actor=actor,
        at=at,
    )
