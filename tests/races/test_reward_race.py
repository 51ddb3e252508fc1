"""Eight customers and the last reward of its sort. Without the guard, which looks and takes at once, several get it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from loyalty.models import Account, Entry, Exchange, Referral, Reward, RewardRefused
from loyalty.programme import referrals, rewards, settling
from tests import build
from tests.loyalty.programme import making

PEOPLE = 8
pytestmark = pytest.mark.django_db(transaction=True)


def read_then_write(barrier):
    """Who saw one left takes it, whoever else saw it too."""

    def take_one(reward):
        left = Reward.objects.values_list("stock", flat=True).get(pk=reward.pk)
        barrier.wait(300)
        return bool(left and Reward.objects.filter(pk=reward.pk).update(stock=left - 1))

    return take_one


def all_at_once(work, things):
    def one(thing):
        try:
            return work(thing)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(one, things))


@pytest.mark.parametrize("guarded", [True, False])
def test_the_last_one_goes_to_one_customer(guarded, monkeypatch):
    if not guarded:
        monkeypatch.setattr(rewards, "take_one", read_then_write(Barrier(PEOPLE)))
    reward = Reward.objects.create(name="Tin", kind="product", product="Tin", cost=100, stock=1)
    people = [build.customer(f"Person {number}") for number in range(PEOPLE)]
    for person in people:
        Account.of(person).earn(100, reason="order", key="start")

    def exchange(person):
        with suppress(RewardRefused):
            return Reward.objects.get(pk=reward.pk).redeem(person, actor="", key=f"race:{person.pk}")

    got = [one for one in all_at_once(exchange, people) if one]

    assert (len(got) == 1) is guarded
    assert Exchange.objects.count() == len(got)
    assert Entry.objects.filter(kind="redeem").count() == len(got)


def test_an_order_that_is_settled_eight_times_at_once_earns_once():
    making.rule()
    order = build.order(build.customer("Ana"), "40.00")

    all_at_once(lambda _number: settling.settle(order), range(PEOPLE))

    assert list(Entry.objects.values_list("points", flat=True)) == [40]


def test_returns_and_settling_at_once_end_at_what_is_kept():
    making.rule()
    order = build.order(build.customer("Ana"), "80.00", at=timezone.now())
    settling.settle(order)

    def back(_number):
        order.refund(Decimal("7.50"))
        settling.settle(order)

    all_at_once(back, range(PEOPLE))

    assert sum(Entry.objects.values_list("points", flat=True)) == 20


def looked_before(barrier):
    """Both have counted what the month allows before either rewards."""
    in_month = referrals._in_month

    def counted(inviter, now):
        found = in_month(inviter, now)
        barrier.wait(300)
        return found

    return counted


@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_reward_no_more_invitations_than_a_month_allows(guarded, monkeypatch):
    making.rule(referral_inviter=200, referral_per_month=1, return_days=0)
    ana = build.customer("Ana")
    joined = [referrals.join(ana, build.customer(f"New {number}")) for number in range(2)]
    referrals.follow([build.order(referral.invited, "50.00").pk for referral in joined])
    if not guarded:
        monkeypatch.setattr(referrals, "take_turn", lambda _inviter: None)
        monkeypatch.setattr(referrals, "_in_month", looked_before(Barrier(2)))

    def reward(referral):
        with transaction.atomic():
            return referrals._reward(Referral.objects.get(pk=referral.pk), timezone.now())

    rewarded = sum(all_at_once(reward, joined))

    assert (rewarded == 1) is guarded
    assert list(Entry.objects.filter(reason="referral").values_list("points", flat=True)) == [200] * rewarded
