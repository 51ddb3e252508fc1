"""Points come in, are put aside, spent, taken back, given back; each as one movement that nobody can change."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from loyalty.models import Account, Allocation, Entry, Lot
from loyalty.points.errors import HoldIsOver, KeyUsedOtherwise, MoreThanWasSpent, NotEnoughPoints
from loyalty.points.returning import Policy
from tests import build
from tests.loyalty.points.conftest import NOW, earn, keys, spend, sums

DAY = timedelta(days=1)


def test_points_wait_until_they_can_be_spent(account):
    earn(account, 100, available_at=NOW + 14 * DAY)

    assert sums(account) == (0, 100, 0, 0)
    assert account.spendable(NOW + 13 * DAY) == 0
    assert account.spendable(NOW + 14 * DAY) == 100
    assert spend(account, 100, at=NOW + 14 * DAY).points == -100
    assert sums(account) == (0, 0, 0, 0)


def test_what_ends_first_is_spent_first_and_what_never_ends_last(account):
    never = earn(account, 10)
    late = earn(account, 10, expires_at=NOW + 50 * DAY)
    soon = earn(account, 10, expires_at=NOW + 20 * DAY)

    entry = spend(account, 25)

    assert list(entry.allocations.order_by("pk").values_list("lot__entry", "points")) == [
        (soon.pk, 10),
        (late.pk, 10),
        (never.pk, 5),
    ]


def test_a_spending_of_more_lots_than_one_slice_takes_them_all(account):
    for _number in range(20):
        earn(account, 3)

    entry = spend(account, 59)

    assert (entry.allocations.count(), sums(account)) == (20, (1, 0, 0, 0))


def test_points_that_are_over_are_not_spent_though_nobody_has_swept(account):
    earn(account, 100, expires_at=NOW + DAY)

    assert account.spendable(NOW + DAY) == 0
    with pytest.raises(NotEnoughPoints) as refused:
        spend(account, 100, at=NOW + DAY)

    assert (refused.value.missing, sums(account)[0]) == (100, 100)  # nothing was written with the refusal


def test_the_same_key_is_the_same_movement(account):
    for _again in range(2):
        account.earn(100, reason="bought", key="e", at=NOW)
        account.spend(30, reason="reward", key="s", at=NOW)
        account.adjust(5, reason="kindness", actor="staff:1", key="a", at=NOW)

    assert sums(account) == (75, 0, 0, 0)
    with pytest.raises(KeyUsedOtherwise):
        account.spend(31, reason="reward", key="s", at=NOW)


def test_the_database_refuses_to_change_or_remove_a_movement(account):
    earn(account, 100)
    spend(account, 10)

    for statement in (
        "UPDATE loyalty_entry SET points = 1000 WHERE points = 100",
        "DELETE FROM loyalty_entry",
        "UPDATE loyalty_allocation SET points = 1",
        "DELETE FROM loyalty_allocation",
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE loyalty_entry CASCADE",
        "SELECT set_config('regulars.reason', 'erasure:1', true); UPDATE loyalty_entry SET points = 7",
        "SELECT set_config('regulars.reason', 'retention:1', true); DELETE FROM loyalty_entry",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_hold_is_spent_whole_or_in_part_and_the_rest_comes_back(account):
    earn(account, 100)
    hold = account.hold(80, reference="W-1", key="h", at=NOW)
    assert sums(account) == (20, 0, 80, 0)

    entry = hold.commit(50, key="c", at=NOW)

    assert (entry.points, sums(account)) == (-50, (50, 0, 0, 0))
    assert hold.commit(key="c", at=NOW) == entry
    assert Lot.objects.get().held == 0
    other = account.hold(10, reference="W-2", key="h2", at=NOW)
    assert [other.void(at=NOW), other.void(at=NOW)] == [True, False]
    with pytest.raises(HoldIsOver):
        other.commit(key="c2", at=NOW)


def test_paying_without_the_points_put_aside_gives_them_back_and_can_be_said_twice(account):
    earn(account, 100)
    hold = account.hold(80, reference="W-1", key="h", at=NOW)

    said = [hold.commit(0, key="c", at=NOW), hold.commit(0, key="c", at=NOW)]

    assert (said, sums(account)) == ([None, None], (100, 0, 0, 0))
    with pytest.raises(HoldIsOver):
        hold.commit(5, key="c2", at=NOW)


def test_an_orders_own_hold_never_stands_in_its_way(account):
    earn(account, 100)
    first = account.hold(100, reference="W-1", key="h", at=NOW)

    assert account.hold(100, reference="W-1", key="again", at=NOW) == first
    changed = account.hold(90, reference="W-1", key="fewer", at=NOW)

    assert (changed.pk != first.pk, sums(account)) == (True, (10, 0, 90, 0))
    first.refresh_from_db()
    assert first.status == "voided"


def test_a_hold_that_nobody_ends_lapses_when_the_points_are_needed(account):
    earn(account, 100)
    hold = account.hold(100, reference="W-1", key="h", at=NOW)
    with pytest.raises(NotEnoughPoints):
        spend(account, 1, at=NOW + timedelta(minutes=29))

    spend(account, 100, at=NOW + timedelta(minutes=30))

    hold.refresh_from_db()
    assert (hold.status, sums(account)) == ("expired", (0, 0, 0, 0))


def test_a_hold_is_made_longer_once(account):
    earn(account, 100)
    hold = account.hold(100, reference="W-1", key="h", at=NOW)

    assert [hold.extend(at=NOW + timedelta(minutes=20)), hold.extend(at=NOW + timedelta(minutes=40))] == [True, False]
    assert hold.expires_at == NOW + timedelta(minutes=50)


def test_held_points_do_not_expire_and_do_when_they_come_back(account):
    earn(account, 100, expires_at=NOW + timedelta(minutes=10))
    kept = account.hold(40, reference="W-1", key="h1", at=NOW)
    given_back = account.hold(40, reference="W-2", key="h2", at=NOW)
    later = NOW + timedelta(minutes=20)

    assert kept.commit(key="c", at=later).points == -40
    given_back.void(at=later)

    assert sums(account) == (0, 0, 0, 0)
    expired = account.entries.filter(kind="expire").order_by("sequence").values_list("points", flat=True)
    assert sum(expired) == -60


def test_goods_returned_before_the_points_can_be_spent_take_the_pending_ones(account, ana):
    order = build.order(ana)
    earn(account, 50, order=order, available_at=NOW + 14 * DAY)
    earn(account, 70)

    taken = account.take_back_earned(order, 20, key="r", at=NOW)

    assert (taken.own_pending, taken.debt, sums(account)) == (30, 0, (70, 20, 0, 0))
    assert account.take_back_earned(order, 20, key="r", at=NOW) == taken
    assert account.take_back_earned(order, 20, key="another", at=NOW) is None


@pytest.mark.parametrize(
    ("policy", "after", "rest"),
    [
        (Policy.DEBT, (20, 0, 0, 40), {"debt": 40}),
        (Policy.LOTS, (0, 0, 0, 20), {"others": 20, "debt": 20}),
        (Policy.WRITE_OFF, (20, 0, 0, 0), {"written_off": 40}),
        (Policy.REFUND, (20, 0, 0, 0), {"off_refund": 40}),
    ],
)
def test_goods_returned_after_the_points_were_spent(account, ana, policy, after, rest):
    order = build.order(ana)
    earn(account, 50, order=order, expires_at=NOW + DAY)
    earn(account, 20)
    spend(account, 40)

    taken = account.take_back_earned(order, 0, key="r", policy=policy, at=NOW)

    assert (taken.points, taken.own, sums(account)) == (50, 10, after)
    assert {name: getattr(taken, name) for name in rest} == rest


def test_what_is_owed_is_paid_from_the_next_points_even_while_they_wait(account, ana):
    order = build.order(ana)
    earn(account, 50, order=order)
    spend(account, 50)
    account.take_back_earned(order, 0, key="r", at=NOW)

    earn(account, 20, available_at=NOW + DAY)
    assert sums(account) == (0, 0, 0, 30)
    earn(account, 45)

    assert sums(account) == (15, 0, 0, 0)


def test_points_spent_come_back_to_their_lots_in_parts_that_add_up(account):
    for points in (3, 5, 9):
        earn(account, points, expires_at=NOW + points * DAY)
    spent = spend(account, 17)

    for part in (1, 2, 4, 7, 3):
        account.restore(spent, part, key=next(keys), at=NOW)

    assert [lot.remaining for lot in Lot.objects.order_by("pk")] == [3, 5, 9]
    assert sums(account) == (17, 0, 0, 0)
    with pytest.raises(MoreThanWasSpent):
        account.restore(spent, 1, key=next(keys), at=NOW)


def test_points_that_come_back_to_a_lot_that_is_over_live_for_thirty_days(account):
    earn(account, 10, expires_at=NOW + DAY)
    spent = spend(account, 10)

    entry = account.restore(spent, key="b", at=NOW + 40 * DAY)

    reopened = Allocation.objects.get(entry=entry).reopens_until
    assert reopened.isoformat() == "2026-05-12T00:00:00+01:00" or reopened.isoformat() == "2026-05-11T23:00:00+00:00"
    assert Lot.objects.get().expires_at == reopened
    assert account.spendable(reopened - timedelta(seconds=1)) == 10
    assert account.spendable(reopened) == 0


def test_staff_cannot_take_more_than_there_is(account):
    earn(account, 10)

    with pytest.raises(NotEnoughPoints):
        account.adjust(-11, reason="mistake", actor="staff:1", key="a", at=NOW)

    account.adjust(-10, reason="mistake", actor="staff:1", key="a", at=NOW)
    assert sums(account) == (0, 0, 0, 0)


def test_entries_of_an_account_are_numbered_without_a_gap(account):
    earn(account, 10, expires_at=NOW + DAY)
    earn(account, 10, expires_at=NOW + DAY)
    spend(account, 5)
    earn(account, 1, at=NOW + 2 * DAY)

    assert [entry.sequence for entry in Entry.objects.order_by("pk")] == [1, 2, 3, 4, 5, 6]
    assert Account.objects.get().last_sequence == 6
