"""A ledger in which one point is wrong is found out, and the place is named."""

import pytest
from django.core.management import call_command
from django.db import connection

from loyalty.models import Account, Allocation, Entry, HeldLot, Lot
from loyalty.points.checking import check
from tests import build
from tests.loyalty.points.conftest import NOW, earn, spend


@pytest.fixture
def ledger(account, ana):
    """Some of everything."""
    order = build.order(ana)
    earn(account, 50, order=order)
    earn(account, 30)
    spent = spend(account, 40)
    account.restore(spent, 5, key="b", at=NOW)
    account.hold(10, reference="W-1", key="h", at=NOW)
    account.take_back_earned(order, 0, key="r", at=NOW)
    earn(account, 3)
    return account


def corrupt(table, change, where="true"):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE loyalty_entry DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE loyalty_allocation DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {table} SET {change} WHERE {where}")
        cursor.execute("ALTER TABLE loyalty_entry ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE loyalty_allocation ENABLE TRIGGER USER")


def found():
    return [str(difference) for difference in check().differences]


def test_what_fits_has_no_differences(ledger, capsys):
    call_command("check_ledger")

    assert "1 accounts, 6 entries, 0 differences" in capsys.readouterr().out


def test_one_point_too_many_on_an_entry(ledger):
    entry = Entry.objects.get(kind="redeem")
    corrupt("loyalty_entry", "points = points - 1", "kind = 'redeem'")

    assert f"account {ledger.pk}, entry {entry.pk}: it took other points from lots: expected 41, found 40" in found()


def test_one_point_too_many_granted(ledger):
    lot = Lot.objects.order_by("pk").first()
    corrupt("loyalty_entry", "points = points + 1", f"id = {lot.entry_id}")

    place = f"account {ledger.pk}, entry {lot.entry_id}, lot {lot.pk}"
    assert f"{place}: its lot was granted other points: expected 51, found 50" in found()


def test_one_point_moved_in_an_allocation(ledger):
    one = Allocation.objects.order_by("pk").first()
    corrupt("loyalty_allocation", "points = points + 1", f"id = {one.pk}")

    said = found()
    assert any(f"lot {one.lot_id}: other points remain" in line for line in said)
    assert any(f"entry {one.entry_id}: it took other points from lots" in line for line in said)


@pytest.mark.parametrize("name", ["available", "pending", "held", "debt", "lifetime_earned", "last_sequence"])
def test_one_point_in_a_sum(ledger, name):
    corrupt("loyalty_account", f"{name} = {name} + 1")

    assert found() != []
    assert all(line.startswith(f"account {ledger.pk}: ") for line in found())


def test_a_lot_that_gave_more_than_it_had_before_it_got_some_back(ledger):
    back = Allocation.objects.get(restores__isnull=False)
    corrupt("loyalty_allocation", "points = points + 11", f"id = {back.restores_id}")
    corrupt("loyalty_allocation", "points = points - 11", f"id = {back.pk}")

    place = f"allocation {back.restores_id}, lot {back.lot_id}"
    assert f"account {ledger.pk}, {place}: takes more than the lot had: expected 50, found 51" in found()


def test_one_point_left_in_a_lot(ledger):
    lot = Lot.objects.get(entry__kind="earn", granted=30)
    corrupt("loyalty_lot", "remaining = remaining - 1", f"id = {lot.pk}")

    assert f"account {ledger.pk}, lot {lot.pk}: other points remain" in "\n".join(found())


def test_one_point_in_a_hold(ledger):
    held = HeldLot.objects.first()
    corrupt("loyalty_heldlot", "points = points + 1", f"id = {held.pk}")

    assert f"hold {held.hold_id}: its lots hold other points: expected 10, found 11" in "\n".join(found())


def test_an_entry_that_is_gone(ledger):
    corrupt("loyalty_entry", "sequence = sequence + 1000", "sequence > 5")

    assert f"account {ledger.pk}, entry {Entry.objects.last().pk}: an entry is missing before it" in "\n".join(found())


def test_the_command_says_so_and_fails_and_repairs_nothing(ledger, capsys):
    corrupt("loyalty_account", "available = available + 1")

    with pytest.raises(SystemExit) as ended:
        call_command("check_ledger")

    out = capsys.readouterr().out
    assert ended.value.code == 1
    assert f"account {ledger.pk}: available + held: expected" in out
    assert found() != []


def test_points_of_others_are_not_confused(ledger, ben):
    earn(Account.of(ben), 5)

    assert found() == []
