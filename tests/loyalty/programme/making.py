"""Rules, tiers and orders with lines, in one call each."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from crm.models import Order, OrderLine
from loyalty.models import Account, CategoryFactor, EarningRule, Tier, TierFactor, TierScheme, TierStep
from tests import build

LONG_AGO = timedelta(days=2000)


def rule(*, since=None, categories=None, tiers=None, **fields):
    """One point a pound, available at once, unless it says otherwise."""
    fields = {"return_days": 0, **fields}
    made = EarningRule.objects.create(**{name: _exact(value) for name, value in fields.items()})
    for name, factor in (categories or {}).items():
        CategoryFactor.objects.create(rule=made, category=name, factor=Decimal(factor))
    for tier, factor in (tiers or {}).items():
        TierFactor.objects.create(rule=made, tier_id=tier, factor=Decimal(factor))
    since = since or timezone.now() - LONG_AGO
    EarningRule.objects.filter(pk=made.pk).update(since=since, published_at=since)
    return EarningRule.objects.get(pk=made.pk)


def _exact(value):
    return Decimal(value) if isinstance(value, str) else value


def scheme(steps=None, *, since=None, **fields):
    made = TierScheme.objects.create(**fields)
    for name, threshold in (steps or {"Bronze": 0, "Silver": 100, "Gold": 300}).items():
        tier, _new = Tier.objects.get_or_create(name=name)
        TierStep.objects.create(scheme=made, tier=tier, threshold=threshold)
    since = since or timezone.now() - LONG_AGO
    TierScheme.objects.filter(pk=made.pk).update(since=since, published_at=since)
    return TierScheme.objects.get(pk=made.pk)


def order(customer, *lines, at=None, shipping="0", **fields):
    """Lines: "12.50", or ("tea", "12.50")."""
    typed = [("", line) if isinstance(line, str) else line for line in lines]
    total = sum((Decimal(paid) for _category, paid in typed), Decimal(shipping))
    made = build.order(customer, str(total), at=at, shipping=Decimal(shipping), **fields)
    OrderLine.objects.bulk_create(
        OrderLine(order=made, position=position, category=category, paid=Decimal(paid), unit_price=Decimal(paid))
        for position, (category, paid) in enumerate(typed, start=1)
    )
    return Order.objects.get(pk=made.pk)


def entries(customer):
    return list(Account.of(customer).entries.order_by("sequence").values_list("points", flat=True))


def spendable(customer):
    return Account.of(customer).spendable()


def typed(**values):
    """What the form of a rule sends."""
    plain = dict.fromkeys(("minimum", "first_order", "birthday_gift", "profile", "survey", "referral_inviter"), 0)
    return {
        **plain, "points": 3, "per": 1, "birthday_factor": 1, "birthday_days": 7, "referral_invited": 0,
        "referral_minimum": 0, "referral_per_month": 5, "return_days": 14, "keep_months": 24, **values,
    }  # fmt: skip
