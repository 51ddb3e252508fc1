"""Fifty people spend the last hundred points at once. Without the guard they spend more than there are."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Sum

from crm.duplicates.merging import merge
from loyalty.models import Account, Allocation, Entry, Hold
from loyalty.points import spending
from loyalty.points.checking import check
from loyalty.points.errors import NotEnoughPoints
from loyalty.points.posting import Posting
from tests import build

THREADS = 50
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(ana):
    account = Account.of(ana)
    for number in range(4):
        account.earn(25, reason="bought", key=f"e{number}")
    return account


@pytest.fixture
def no_last_resort(db):
    """The database itself refuses sums below nothing; to see what the guard holds, that is out of the way."""
    checks = {"loyalty_account": "account_sums_are_not_negative", "loyalty_lot": "lot_keeps_what_is_left"}
    with connection.cursor() as cursor:
        kept = {}
        for table, name in checks.items():
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            kept[table] = cursor.fetchone()[0]
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    with connection.cursor() as cursor:
        for table, name in checks.items():
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {kept[table]} NOT VALID")


def at_once(verb, threads=THREADS):
    """Everybody has connected before anybody spends. Returns what each got, None: refused."""
    gate = Barrier(threads)

    def one(number):
        try:
            connection.ensure_connection()
            gate.wait(300)
            with suppress(NotEnoughPoints):
                return verb(number)
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def look_then_write(self, points, at, entries, held):
    """What the guard replaces: a look, and then a write that believes it."""
    if type(self).objects.get(pk=self.pk).available < points:
        return None
    ALL_LOOKED.wait(300)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE loyalty_account SET available = available - %s, last_sequence = last_sequence + 1"
            " WHERE id = %s RETURNING last_sequence, as_of",
            [points, self.pk],
        )
        return cursor.fetchone()


WHATEVER_IS_THERE = """
part AS (SELECT min(id) AS lot_id, 1 AS reached, %(points)s::bigint AS points
           FROM loyalty_lot WHERE account_id = %(account)s)
"""


ALL_LOOKED = Barrier(THREADS)


@pytest.mark.parametrize("guarded", [True, False])
def test_of_the_last_hundred_points_only_a_hundred_are_spent(guarded, account, no_last_resort, monkeypatch):
    if not guarded:
        monkeypatch.setattr(spending.Spending, "_take_if_there", look_then_write)
        monkeypatch.setattr(Posting, "_PICK", WHATEVER_IS_THERE)

    spent = at_once(lambda number: Account.objects.get(pk=account.pk).spend(10, reason="reward", key=f"s{number}"))

    done = [entry for entry in spent if entry]
    taken = -sum(entry.points for entry in done)
    assert (taken <= 100) is guarded
    if guarded:
        assert (len(done), taken) == (10, 100)
        assert Allocation.objects.aggregate(n=Sum("points"))["n"] == 100
        assert check().differences == []


def test_one_key_used_by_fifty_at_once_spends_once(account):
    spent = at_once(lambda number: Account.objects.get(pk=account.pk).spend(10, reason="reward", key="same"))

    assert len({entry.pk for entry in spent}) == 1
    assert Entry.objects.filter(kind="redeem").count() == 1


def test_one_order_paid_for_by_fifty_at_once_has_one_hold(account):
    holds = at_once(lambda number: Account.objects.get(pk=account.pk).hold(60, reference="W-1", key=f"h{number}"))

    assert len({hold.pk for hold in holds if hold}) == 1
    assert Hold.objects.open().count() == 1
    assert check().differences == []


def test_a_hold_committed_and_voided_by_fifty_at_once_ends_once(account):
    hold = account.hold(60, reference="W-1", key="h")

    def end(number):
        mine = Hold.objects.get(pk=hold.pk)
        try:
            return mine.commit(key=f"c{number}") if number % 2 else mine.void()
        except Exception as error:
            return type(error).__name__

    at_once(end)

    account.refresh_from_db()
    hold.refresh_from_db()
    assert (hold.status, account.available) in {("committed", 40), ("voided", 100)}
    assert check().differences == []


def test_a_new_account_that_fifty_ask_for_is_made_once(ben):
    made = at_once(lambda number: Account.of(ben).pk)

    assert len(set(made)) == 1


def test_points_spent_and_earned_while_cards_become_one_are_all_there(account, ben):
    other = Account.of(ben)
    other.earn(100, reason="bought", key="e")

    def one(number):
        if number == 5:
            return merge(account.customer, ben, actor="")
        mine = Account.objects.get(pk=(account if number % 2 else other).pk)
        if number % 3:
            return mine.spend(5, reason="reward", key=f"s{number}")
        return mine.earn(5, reason="bought", key=f"x{number}")

    at_once(one, 24)

    assert check().differences == []
    account.refresh_from_db()
    other.refresh_from_db()
    assert (other.available, account.available) == (0, Entry.objects.aggregate(n=Sum("points"))["n"])
    assert build.customer("Somebody else").pk
