"""Points become a reward: a discount of the customer's own, or a product that is handed over."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crm.models import Customer, Event
from loyalty.models import Account, Discount, Exchange, Grant, Reward, RewardRefused, Standing
from loyalty.models.assignment import Source
from loyalty.points.days import end_of
from loyalty.programme.tiers import Ladder


@transaction.atomic
def offer(reward: Reward, *, by: Any = None) -> Reward:
    """Save it with the discount that it gives. What somebody has already stays as it was promised."""
    terms = terms_of(reward)
    if terms and reward.discount:
        reward.discount.name = reward.name
        reward.discount.save(update_fields=["name"])
        if any(getattr(reward.discount.version, name) != value for name, value in terms.items()):
            reward.discount.change(by=by, **terms)
    elif terms:
        reward.discount = Discount.make(reward.name, by=by, **terms)
    reward.save()
    return reward


def terms_of(reward: Reward) -> dict[str, Any]:
    """A product without an article number cannot be taken off by the till: it is handed over."""
    if reward.kind == Reward.Kind.PERCENT:
        return {"kind": "percent", "lane": "order", "percent": reward.percent, "minimum": reward.minimum}
    if reward.kind == Reward.Kind.AMOUNT:
        return {"kind": "amount", "lane": "order", "amount": reward.amount, "minimum": reward.minimum}
    if reward.sku:
        return {"kind": "free_item", "lane": "item", "skus": [reward.sku], "minimum": reward.minimum}
    return {}


@transaction.atomic
def redeem(reward: Reward, customer: Customer, *, actor: str, key: str) -> Exchange:
    """Raises RewardRefused or NotEnoughPoints; then nothing was taken. The same key again is the same exchange."""
    done = Exchange.objects.filter(key=key).first()
    if done:
        return done
    customer = customer.held()
    refuse(reward, customer)
    if reward.stock is not None and not take_one(reward):
        raise RewardRefused("gone")
    Account.of(customer).spend(
        reward.cost, reason="reward", key=f"reward:{key}", actor=actor, note=reward.name, snapshot={"reward": reward.pk}
    )
    exchange = Exchange.objects.create(
        reward=reward, customer=customer, points=reward.cost, key=key, actor=actor, grant=_grant(reward, customer)
    )
    told = {"reward": reward.name, "points": reward.cost}
    Event.record("reward.exchanged", customer=customer, subject=exchange, actor=actor, **told)  # type: ignore[arg-type]
    return exchange


def take_one(reward: Reward) -> bool:
    """Looks and takes in one statement: of the last one, one customer gets it."""
    return bool(Reward.objects.filter(pk=reward.pk, stock__gt=0).update(stock=F("stock") - 1))


def refuse(reward: Reward, customer: Customer) -> None:
    today = timezone.localdate()
    if reward.put_away_at:
        raise RewardRefused("put_away")
    if reward.starts_on and reward.starts_on > today:
        raise RewardRefused("not_begun")
    if reward.ends_on and reward.ends_on < today:
        raise RewardRefused("over")
    if reward.stock == 0 or not is_paid_for(reward):
        raise RewardRefused("gone")
    if reward.tier and not has_tier(customer, reward.tier_id):
        raise RewardRefused("tier", str(reward.tier))


def is_paid_for(reward: Reward) -> bool:
    """Nobody gives points for a discount whose budget is empty: the till would refuse it."""
    budget = reward.discount.budget if reward.discount else None
    return budget is None or budget.left >= max(reward.amount or 0, Decimal("0.001"))


def has_tier(customer: Customer, needed: int | None) -> bool:
    """That tier, or one above it."""
    ladder, standing = Ladder.in_force(), Standing.objects.filter(customer=customer).first()
    if ladder is None or standing is None:
        return False
    return ladder.rank(standing.tier_id) >= max(ladder.rank(needed), 0)


def _grant(reward: Reward, customer: Customer) -> Grant | None:
    if reward.discount is None:
        return None
    until = end_of(timezone.localdate() + timedelta(days=reward.valid_days))
    return Grant.objects.create(
        discount=reward.discount,
        version=reward.discount.version,
        budget=reward.discount.budget,
        customer=customer,
        source=Source.REWARD,
        expires_at=until,
        worth=reward.amount or 0,
    )
