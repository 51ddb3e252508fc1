"""The points programme of the demo: as if it had been running since the first order, and was changed this morning."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Min, Q, Sum
from django.utils import timezone

from crm.models import Customer, Order
from loyalty.demo import history
from loyalty.models import (
    Badge,
    BadgeAward,
    CategoryFactor,
    Challenge,
    EarningRule,
    Referral,
    Reward,
    Tier,
    TierFactor,
    TierScheme,
    TierStep,
)
from loyalty.points.days import zone
from loyalty.points.errors import NotEnoughPoints
from loyalty.programme import tiers
from loyalty.programme.referrals import code_of
from loyalty.programme.rewards import offer
from shop.models import User

TIERS = [
    ("Member", 0, "Points on every order."),
    ("Silver", 1500, "A quarter more points, and first look at new tins."),
    ("Gold", 5000, "Half as many points again, and free delivery."),
]
# (name, in a sentence, points, terms)
REWARDS = [
    ("£5 off", "Taken off the next order.", 500, {"kind": "amount", "amount": Decimal(5)}),
    ("A cake tin", "Any small tin from the shelf, with your order.", 900, {"kind": "product", "product": "Small cake tin", "stock": 40}),
    ("10% off an order", "Once, within three months.", 1500, {"kind": "percent", "percent": Decimal(10), "minimum": Decimal(50)}),
    ("£30 off", "For a larger order.", 2500, {"kind": "amount", "amount": Decimal(30), "minimum": Decimal(150)}),
    ("An evening with the new collection", "In the shop, with a glass of something.", 4000, {"kind": "product", "product": "Invitation for two", "stock": 12, "tier": "Gold"}),
]  # fmt: skip
# (who among those who spent most, which reward)
EXCHANGED = [(2, 0), (4, 2), (5, 3), (8, 0), (9, 1), (12, 0), (15, 2), (19, 0), (23, 1), (27, 0), (31, 2), (38, 0)]


def tell(staff: dict[str, User], today: date) -> None:
    """Call it inside a transaction, after people have names."""
    mira = staff["mira"]
    begun = Order.objects.aggregate(first=Min("placed_at"))["first"] - timedelta(days=1)
    rule = _first_rule(begun, mira)
    scheme = _tiers(begun, mira)
    history.points(rule)
    history.periods(scheme)
    history.standings(scheme, today)
    rewards = [_reward(*one, by=mira) for one in REWARDS]
    _rule_of_today(datetime.combine(today, time(), tzinfo=zone()), mira)
    _challenges(today)
    history.progress(rule, today)
    rest = Customer.objects.present().filter(Q(standing=None) | Q(standing__kept_until__lt=today))
    tiers.look(rest.values_list("pk", flat=True), today)
    best = list(
        Customer.objects.present()
        .annotate(spent=Sum("orders__net"))
        .order_by(F("spent").desc(nulls_last=True), "pk")[:80]
    )
    _exchange(best, rewards, mira)
    _invitations(best, mira)
    _draft(mira)


def _first_rule(begun: datetime, by: User) -> EarningRule:
    rule = EarningRule.objects.create(points=1, per=1, keep_months=12, made_by=by, made_at=begun, note="")
    EarningRule.objects.filter(pk=rule.pk).update(since=begun, published_at=begun, published_by=by)
    return EarningRule.objects.get(pk=rule.pk)


def _rule_of_today(since: datetime, by: User) -> None:
    """The same, and more of it for those who come often."""
    rule = EarningRule.objects.create(
        points=1,
        per=1,
        keep_months=12,
        first_order=50,
        birthday_factor=2,
        birthday_days=7,
        profile=25,
        survey=10,
        referral_inviter=200,
        referral_invited=100,
        referral_minimum=20,
        made_by=by,
    )
    for name, factor in (("Silver", "1.25"), ("Gold", "1.5")):
        TierFactor.objects.create(rule=rule, tier=Tier.objects.get(name=name), factor=Decimal(factor))
    EarningRule.objects.filter(pk=rule.pk).update(since=since, published_at=timezone.now(), published_by=by)


def _draft(by: User) -> None:
    """Something to rehearse: more for everybody, nothing for the smallest orders."""
    draft = EarningRule.objects.create(points=Decimal("1.2"), per=1, minimum=100, keep_months=12, made_by=by)
    for row in EarningRule.objects.in_force()[0].tiers.all():
        TierFactor.objects.create(rule=draft, tier=row.tier, factor=row.factor)
    CategoryFactor.objects.create(rule=draft, category="Vouchers", factor=0)


def _tiers(begun: datetime, by: User) -> TierScheme:
    scheme = TierScheme.objects.create(made_by=by, made_at=begun)
    for name, threshold, benefits in TIERS:
        tier = Tier.objects.create(name=name, benefits=benefits)
        TierStep.objects.create(scheme=scheme, tier=tier, threshold=threshold)
    TierScheme.objects.filter(pk=scheme.pk).update(since=begun, published_at=begun, published_by=by)
    return TierScheme.objects.get(pk=scheme.pk)


def _reward(name: str, text: str, cost: int, terms: dict[str, Any], *, by: User) -> Reward:
    tier = Tier.objects.get(name=terms["tier"]) if "tier" in terms else None
    return offer(Reward(name=name, text=text, cost=cost, **{**terms, "tier": tier}), by=by)


def _exchange(best: Sequence[Customer], rewards: list[Reward], by: User) -> None:
    for rank, number in EXCHANGED:
        try:
            rewards[number].redeem(best[rank], actor=by.actor, key=f"demo:{rank}")
        except NotEnoughPoints:
            continue


def _challenges(today: date) -> None:
    badge = Badge.objects.create(name="Regular", text="Three orders in one quarter.")
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    Challenge.objects.create(name="Three orders this quarter", target=3, points=200, badge=badge, starts_on=quarter)
    Challenge.objects.create(
        name="£500 this month", metric="spend", target=500, period="month", points=100, starts_on=today.replace(day=1)
    )


def _invitations(best: Sequence[Customer], by: User) -> None:
    """Two that look odd, two under way, one that was rewarded and one that was not."""
    now = timezone.now()
    for card in best[:5]:
        code_of(card)
    made: list[tuple[Customer, Customer, str, dict[str, Any]]] = [
        (best[0], best[61], "ordered", {"flags": ["address"], "due_at": now + timedelta(days=6)}),
        (best[1], best[63], "ordered", {"flags": ["refund"], "due_at": now + timedelta(days=2)}),
        (best[1], best[65], "ordered", {"due_at": now + timedelta(days=9)}),
        (best[3], best[67], "joined", {}),
        (best[4], best[69], "rewarded", {"ended_at": now - timedelta(days=12)}),
        (best[4], best[71], "rejected", {"why": "returned", "ended_at": now - timedelta(days=20)}),
    ]
    for at, (inviter, invited, state, fields) in enumerate(made):
        then = now - timedelta(days=30 - at)
        order = Order.objects.filter(customer=invited).order_by("-placed_at").first() if state == "ordered" else None
        Referral.objects.create(
            inviter=inviter, invited=invited, state=state, invited_at=then, joined_at=then, order=order, **fields
        )
    BadgeAward.objects.create(customer=best[0], badge=Badge.objects.get(), at=now - timedelta(days=40))
