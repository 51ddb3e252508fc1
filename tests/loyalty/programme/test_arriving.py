"""Many orders settled together end as if each had been settled on its own."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Event, Order
from loyalty.models import Account, Entry, Lot
from loyalty.programme import tiers
from loyalty.programme.arriving import settle_all
from loyalty.programme.settling import settle
from shop.models import Setting
from tests import build
from tests.loyalty.programme import making

NOW = timezone.now().replace(microsecond=0)
ACCOUNT = ["available", "pending", "held", "debt", "lifetime_earned", "last_sequence", "as_of", "next_change_at"]
ENTRY = ["sequence", "kind", "points", "effective_at", "recorded_at", "reason", "note", "actor", "snapshot"]
LOT = ["granted", "remaining", "held", "available_at", "expires_at"]


def booked(customer):
    """All that the ledger holds of somebody, numbers of rows apart."""
    account = Account.objects.filter(customer=customer)
    mine = Entry.objects.filter(account__customer=customer).order_by("sequence")
    orders = {pk: at for at, pk in enumerate(customer.orders.order_by("pk").values_list("pk", flat=True))}
    told = Event.objects.filter(customer=customer, kind__startswith="points.").order_by("pk")
    return {
        "account": list(account.values(*ACCOUNT)),
        "entries": list(mine.values(*ENTRY)),
        "orders": [orders.get(pk) for pk in mine.values_list("order", flat=True)],
        "keys": [key and key.split(":")[::2] for key in mine.values_list("key", flat=True)],
        "lots": list(Lot.objects.filter(account__customer=customer).order_by("pk").values(*LOT)),
        "events": list(told.values("kind", "at", "actor", "data")),
    }


@pytest.fixture
def programme(db):
    tier = making.scheme({"Bronze": 0, "Gold": 50}, since=NOW - timedelta(days=400)).steps.last().tier_id
    making.rule(since=NOW - timedelta(days=300), first_order=5, birthday_factor="2", keep_months=1, return_days=3)
    making.rule(since=NOW - timedelta(days=60), points="0.7", categories={"tea": "2"}, tiers={tier: "1.5"}, minimum=3)


purchase = st.tuples(
    st.integers(-400, 0),  # the day
    st.lists(st.tuples(st.sampled_from(["", "tea"]), st.sampled_from(["0.40", "9.99", "60.00"])), max_size=3),
    st.sampled_from(["paid", "unpaid", "cancelled", "partly refunded"]),
)
people = st.lists(st.lists(purchase, min_size=1, max_size=3), min_size=1, max_size=4)


def bought(customer, days_ago, lines, state):
    at = NOW + timedelta(days=days_ago)
    order = making.order(customer, *lines, at=at, shipping="2.00", paid_at=None if state == "unpaid" else at)
    if state == "cancelled":
        order.cancel()
    if state == "partly refunded" and order.kept > 1:
        order.refund(Decimal("1.00"))


@settings(max_examples=15)
@given(people=people)
def test_together_is_the_same_as_one_by_one(programme, people):
    with time_machine.travel(NOW, tick=False):
        twins = [
            (build.customer("One", birthday=NOW.date()), build.customer("Other", birthday=NOW.date())) for _ in people
        ]
        for purchases, pair in zip(people, twins, strict=True):
            for one in pair:
                for purchase in purchases:
                    bought(one, *purchase)
                tiers.look([one.pk])
        together = Order.objects.filter(customer__in=[other.pk for _one, other in twins])
        for order in Order.objects.filter(customer__in=[one.pk for one, _other in twins]).order_by("customer", "pk"):
            settle(order)

        settle_all(together.values_list("pk", flat=True))

        for one, other in twins:
            assert booked(other) == booked(one)


def test_told_again_and_again_they_earn_once(programme):
    ana, ben = build.customer("Ana"), build.customer("Ben")
    orders = [making.order(who, "10.00", at=NOW).pk for who in (ana, ben, ana)]

    for _ in range(3):
        settle_all(orders)

    assert (making.entries(ana), making.entries(ben)) == ([7, 7], [7])


def test_who_owes_points_pays_them_with_the_first_that_come_in(programme):
    ana = build.customer("Ana")
    sent_back = making.order(ana, "100.00", at=NOW)
    settle_all([sent_back.pk])
    Account.of(ana).spend(70, reason="reward", key="a")
    sent_back.refund(Decimal("100.00"))
    settle_all([sent_back.pk])
    assert Account.of(ana).debt == 70

    settle_all([making.order(ana, "200.00", at=NOW).pk])

    account = Account.of(ana)
    assert (account.available, account.debt) == (70, 0)


def test_so_many_orders_cost_no_more_statements_than_few(programme, django_assert_max_num_queries):
    few = [making.order(build.customer(f"Few {n}"), "10.00", at=NOW).pk for n in range(2)]
    many = [making.order(build.customer(f"Many {n}"), "10.00", at=NOW).pk for n in range(20)]

    with Setting.read_once(), django_assert_max_num_queries(30) as cost:
        settle_all(few)
    with Setting.read_once(), django_assert_max_num_queries(len(cost.captured_queries)):
        settle_all(many)

    assert Entry.objects.count() == 22
