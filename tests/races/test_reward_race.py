"""Eight customers and the last reward of its sort. Without the guard, which looks and takes at once, several get it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from loyalty.models import Account, Entry, Exchange, Reward, RewardRefused
from loyalty.programme import rewards, settling
from tests import build
from tests.loyalty.programme import making

PEOPLE = 8
pytestmark = pytest.mark.django_db(transaction=True)


def read_then_write(barrier):
    """Who saw one left takes it, whoever else saw it too."""

    def take_one(reward):
        left = Reward.objects.values_list("stock", flat=True).get(pk=reward.pk)
        barrier.wait(120)
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
