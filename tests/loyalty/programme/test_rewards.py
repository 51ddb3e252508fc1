"""Points become rewards."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Event
from loyalty.models import (
    Account,
    Budget,
    Exchange,
    Grant,
    Reward,
    RewardRefused,
)
from loyalty.points.errors import NotEnoughPoints
from loyalty.programme import tiers
from loyalty.programme.rewards import offer
from tests import build
from tests.loyalty.programme import making


@pytest.fixture
def rich(cleo):
    """1,000 points."""
    Account.of(cleo).earn(1000, reason="order", key="start")
    return cleo


def reward(**fields):
    return offer(Reward(**{"name": "Five off", "cost": 300, "kind": "amount", "amount": Decimal(5), **fields}))


def test_points_become_a_discount_of_ones_own(rich):
    exchange = reward().redeem(rich, actor="", key="a")

    grant = Grant.objects.get()
    assert (making.spendable(rich), exchange.grant, grant.customer, grant.source) == (700, grant, rich, "reward")
    assert Event.objects.filter(kind="reward.exchanged").count() == 1


def test_the_same_key_is_the_same_exchange(rich):
    five = reward()

    assert five.redeem(rich, actor="", key="a") == five.redeem(rich, actor="", key="a")
    assert making.spendable(rich) == 700


def test_what_is_left_is_counted_down_and_nothing_is_spent_when_it_is_gone(rich, ana):
    tin = reward(kind="product", product="Cake tin", stock=1)
    tin.redeem(rich, actor="", key="a")
    tin.refresh_from_db()

    with pytest.raises(RewardRefused, match="gone"):
        tin.redeem(rich, actor="", key="b")
    assert (making.spendable(rich), Exchange.objects.count()) == (700, 1)


def test_too_few_points_change_nothing(rich):
    dear = reward(cost=5000, stock=3)

    with pytest.raises(NotEnoughPoints):
        dear.redeem(rich, actor="", key="a")
    dear.refresh_from_db()
    assert (dear.stock, Exchange.objects.count()) == (3, 0)


def test_a_reward_of_a_tier_is_for_that_tier_and_those_above(rich):
    making.scheme()
    build.order(rich, "120.00")
    tiers.look([rich.pk])
    steps = {step.tier.name: step.tier for step in making.TierStep.objects.all()}

    with pytest.raises(RewardRefused) as refused:
        reward(tier=steps["Gold"]).redeem(rich, actor="", key="a")
    assert refused.value.tier == "Gold"
    reward(tier=steps["Bronze"]).redeem(rich, actor="", key="b")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"starts_on": date(2999, 1, 1)}, "not_begun"),
        ({"ends_on": date(2001, 1, 1)}, "over"),
        ({"put_away_at": timezone.now()}, "put_away"),
    ],
)
def test_outside_its_time_it_is_refused(rich, fields, why):
    with pytest.raises(RewardRefused, match=why):
        reward(**fields).redeem(rich, actor="", key="a")


def test_who_has_a_reward_keeps_what_was_promised(rich):
    five = reward()
    five.redeem(rich, actor="", key="a")
    five.amount = Decimal(2)
    offer(five)

    assert Grant.objects.get().version.amount == 5
    assert five.discount.version.amount == 2


def test_from_the_card_points_are_exchanged_with_the_key_of_the_page(as_support, rich):
    five = reward()
    for _twice in range(2):
        as_support.post(reverse("loyalty:customer_rewards", args=[rich.pk]), {"reward": five.pk, "key": "one"})

    assert making.spendable(rich) == 700


def test_a_reward_is_made_and_changed_on_its_page(as_manager, db):
    sent = {"name": "Ten off", "cost": 500, "kind": "percent", "percent": 10, "minimum": 0, "valid_days": 30}
    assert as_manager.post(reverse("loyalty:reward_new"), sent).status_code == 302
    made = Reward.objects.get()

    assert as_manager.post(reverse("loyalty:reward", args=[made.pk]), {**sent, "percent": ""}).status_code == 422
    as_manager.post(reverse("loyalty:reward_put_away", args=[made.pk]))
    assert not Reward.objects.to_be_had(timezone.localdate()).exists()


def test_a_budget_that_its_discount_gets_later_holds_for_what_is_exchanged_from_then_on(rich):
    one = reward()
    budget = Budget.objects.create(name="Rewards", currency="EUR", limit=Decimal(5))
    one.discount.rename("Five off", budget)

    exchange = one.redeem(rich, actor="", key="a")
    Budget.reserve(budget.pk, Decimal(1))

    assert exchange.grant.budget == budget
    with pytest.raises(RewardRefused, match="gone"):
        Reward.objects.get(pk=one.pk).redeem(rich, actor="", key="b")
    assert making.spendable(rich) == 700
