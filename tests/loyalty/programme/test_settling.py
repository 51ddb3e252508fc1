"""What is posted for an order is brought to what the order is worth now."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Event, Order
from loyalty import reactions
from loyalty.models import Account, EarningRule, Entry, ImportedOrders, Lot
from loyalty.programme.settling import settle
from tests import build
from tests.loyalty.programme import making


@pytest.fixture
def rule(db):
    return making.rule()


def test_an_order_earns_once_however_often_it_is_told(cleo, rule):
    order = making.order(cleo, "20.40", "20.40")

    assert [settle(order), settle(order)] == [40, 0]
    assert making.entries(cleo) == [40]


def test_what_is_not_paid_yet_earns_nothing_until_it_is(cleo, rule):
    order = making.order(cleo, "50.00", paid_at=None)
    assert settle(order) == 0

    order.pay()

    assert settle(order) == 50


def test_three_returns_end_where_the_kept_goods_do(cleo, rule):
    order = making.order(cleo, "9.99", "9.99", "9.99")
    settle(order)

    posted = []
    for _part in range(3):
        order.refund(Decimal("9.99"))
        posted.append(settle(order))

    assert posted == [-10, -10, -9]
    assert making.entries(cleo) == [29, -10, -10, -9]


def test_a_cancelled_order_leaves_no_points(cleo, rule):
    order = making.order(cleo, "50.00")
    settle(order)

    order.cancel()

    assert settle(order) == -50


def test_shipping_earns_nothing_and_is_the_last_to_come_back(cleo, rule):
    order = making.order(cleo, "45.00", shipping="5.00")
    assert settle(order) == 45

    order.refund(Decimal("45.00"))

    assert settle(order) == -45


def test_points_come_after_the_return_window_and_end_with_the_last_day(cleo):
    making.rule(return_days=14, keep_months=12)
    order = making.order(cleo, "50.00", at=2)

    settle(order)

    lot = Lot.objects.get()
    assert lot.available_at == order.paid_at + timedelta(days=14)
    assert lot.expires_at > lot.available_at + timedelta(days=365)
    assert making.spendable(cleo) == 0


def test_an_order_keeps_the_rule_of_its_own_day(cleo, rule):
    before = making.order(cleo, "10.00", at=3)
    making.rule(points=5, since=timezone.now() - timedelta(days=1))
    after = making.order(cleo, "10.00")

    assert [settle(before), settle(after)] == [10, 50]


def test_without_a_rule_nothing_is_earned(cleo):
    assert settle(making.order(cleo, "10.00")) == 0


def test_an_imported_order_earns_only_from_the_day_that_its_import_says(cleo, rule):
    old = making.order(cleo, "10.00", at=30, brought_by=7)
    new = making.order(cleo, "20.00", at=3, brought_by=7)
    assert [settle(old), settle(new)] == [0, 0]

    ImportedOrders.objects.create(import_id=7, since=timezone.now() - timedelta(days=10))

    assert [settle(old), settle(new)] == [0, 20]


def test_what_was_true_when_it_earned_stays_true_for_what_is_kept(cleo):
    making.rule(first_order=50)
    first = making.order(cleo, "20.00", at=5)
    settle(first)
    making.order(cleo, "5.00", at=10)  # told late

    first.refund(Decimal("10.00"))
    settle(first)

    assert making.entries(cleo) == [70, -10]


def test_the_first_order_bonus_comes_once(cleo):
    making.rule(first_order=50)
    first, second = making.order(cleo, "20.00", at=5), making.order(cleo, "20.00")

    assert [settle(first), settle(second)] == [70, 20]
    first.refund(Decimal("20.00"))
    assert [settle(first), settle(making.order(cleo, "20.00"))] == [-70, 20]


def test_points_that_were_spent_meanwhile_are_owed(cleo, rule):
    order = making.order(cleo, "50.00")
    settle(order)
    Account.of(cleo).spend(30, reason="reward", key="a")

    order.refund(Decimal("50.00"))
    settle(order)

    account = Account.of(cleo)
    assert (account.available, account.debt) == (0, 30)


def test_the_reaction_settles_what_events_name(cleo, rule):
    order = Order(
        customer=cleo, source="till", reference="1", placed_at=timezone.now(), paid_at=timezone.now(), total=30
    )
    order.place()

    reactions.settle_points(list(Event.objects.filter(kind="order.placed")))

    assert Entry.objects.get().points == 30
    assert Entry.objects.get().snapshot["rule"] == rule.pk


def test_a_published_rule_cannot_be_changed(rule):
    with pytest.raises(IntegrityError, match="stays"):
        EarningRule.objects.filter(pk=rule.pk).update(points=9)


@settings(max_examples=12)
@given(
    lines=st.lists(st.decimals("0.01", "60", places=2), min_size=1, max_size=5),
    cuts=st.lists(st.decimals("0.01", "40", places=2), max_size=4),
    points=st.decimals("0.1", "3", places=2),
    per=st.decimals("0.5", "7", places=2),
)
def test_the_ledger_always_holds_what_the_kept_goods_earn(db, lines, cuts, points, per):
    ana = build.customer("Ana")
    rule = making.rule(points=str(points), per=str(per), since=timezone.now() - timedelta(hours=1))
    order = making.order(ana, *(str(line) for line in lines))
    settle(order)
    for cut in cuts:
        order.refresh_from_db()
        if order.kept > 0:
            order.refund(min(cut, order.kept))
            settle(order)

    order.refresh_from_db()
    assert sum(making.entries(ana)) == int(order.kept * rule.points // rule.per)
