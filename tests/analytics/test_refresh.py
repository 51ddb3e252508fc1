"""Customer by customer the figures come out as a full run would have made them."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, get_ident

import numpy as np
import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import recompute, refreshing
from analytics.models import Figures, Generation, PurchaseDays, Scores, Stale
from analytics.publishing import tables
from analytics.purchases.reading import all_purchases, unscored
from analytics.purchases.summary import summarise
from analytics.reactions import mark_stale
from analytics.refreshing import refresh, stored_of
from analytics.scoring.learning import recent_from
from analytics.scoring.scoring import score
from crm.duplicates.merging import merge
from crm.models import Customer, Event, Order, Refund
from crm.privacy.erasing import erase
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["order", "refund", "cancel", "free", "give back", "leave out", "merge", "erase", "refresh"]),
        st.integers(0, 4),
        st.integers(0, 400),
        st.integers(1, 9000),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def figures(module_db):
    customers = random_shop()
    recompute.full(AS_OF)
    return [customer.pk for customer in customers]


@pytest.fixture
def shop(figures, db):
    return list(Customer.objects.filter(pk__in=figures).order_by("pk"))


def do(shop, kind, who, days_ago, cents):
    customer, amount = Customer.objects.get(pk=shop[who].pk), Decimal(cents) / 100
    if customer.merged_into_id or customer.erased_at:
        return
    newest = Order.objects.filter(customer=customer, cancelled_at=None).order_by("-placed_at").first()
    if kind == "order":
        order(customer, days_ago, str(amount)).save()
    elif kind == "free":
        order(customer, days_ago, "0").save()
    elif kind == "refund" and newest and newest.kept > 0:
        newest.refund(min(amount, newest.kept))
    elif kind == "cancel" and newest:
        newest.cancel()
    elif kind == "give back":
        at = order(customer, days_ago, "1").placed_at
        Refund.objects.create(customer=customer, source="shop", at=at, amount=amount)
    elif kind == "leave out":
        customer.left_out_at = None if customer.left_out_at else order(customer, 0, "1").placed_at
        customer.save()
    elif kind == "merge":
        goes = Customer.objects.filter(merged_into=None, erased_at=None).exclude(pk=customer.pk).first()
        merge(customer, goes, actor="")
        Stale.mark([goes.pk])
    elif kind == "erase":
        erase(customer, why="asked")
    elif kind == "refresh":
        refresh()
    Stale.mark([customer.pk])


def published(model):
    rows = model.objects.order_by("pk").values_list()
    return {row[0]: tuple(row[1:]) for row in rows}


def from_scratch():
    """What a full run publishes with the stored values of the generation in use."""
    stored = stored_of(Generation.objects.current())
    purchases = all_purchases(stored.definition)
    customers = summarise(purchases, recent_from(stored.as_of, stored.definition.rfm_months))
    with connection.cursor() as cursor:
        for table in tables.TABLES:
            cursor.execute(f"DELETE FROM {table}")
    tables.copy_to(Scores, score(customers, stored, unscored()))
    tables.copy_lasting(purchases, customers)


@given(steps=STEPS)
@settings(max_examples=15)
def test_after_any_sequence_every_row_is_what_a_full_run_makes_of_the_same_stored_values(shop, steps):
    with transaction.atomic():
        for step in steps:
            do(shop, *step)
        refresh()
        refreshed = [published(model) for model in (Scores, Figures, PurchaseDays)]

        from_scratch()

        assert refreshed == [published(model) for model in (Scores, Figures, PurchaseDays)]
        transaction.set_rollback(True)


def test_an_event_marks_its_customer_and_the_refresh_takes_the_new_order_in(shop):
    customer = shop[0]
    before = Figures.objects.get(pk=customer.pk)
    event = build.order(customer, "80.00", at=AS_OF - timedelta(days=1)).cancel() and Event.objects.latest("pk")
    order(customer, 0, "80.00").save()
    mark_stale([event])

    assert refresh() == 1

    after = Figures.objects.get(pk=customer.pk)
    assert (after.orders, after.net, after.last_on) == (before.orders + 1, before.net + 80, AS_OF)
    assert refresh() == 0


def test_who_no_longer_has_a_purchase_has_no_figures(shop):
    customer = shop[1]
    for one in Order.objects.filter(customer=customer):
        one.cancel()
    Stale.mark([customer.pk])

    refresh()

    assert not Figures.objects.filter(pk=customer.pk).exists()
    assert not PurchaseDays.objects.filter(pk=customer.pk).exists()


def test_who_turns_stale_while_a_full_run_works_is_in_the_new_figures(shop, monkeypatch):
    customer = shop[2]
    publish = tables.publish_lasting

    def an_order_comes_meanwhile(*read):
        order(customer, 0, "999.00").save()
        Stale.mark([customer.pk])
        refresh()  # into the old figures, which are about to go
        return publish(*read)

    monkeypatch.setattr(tables, "publish_lasting", an_order_comes_meanwhile)
    generation = recompute.full(AS_OF)

    scores = Scores.objects.get(pk=customer.pk)
    assert (scores.generation, scores.figures.last_spend) == (generation.pk, 999)
    assert PurchaseDays.objects.get(pk=customer.pk).days[-1] == AS_OF


def test_a_date_after_the_day_of_the_figures_is_taken_as_it_is(shop):
    order(shop[3], -30, "10.00").save()
    Stale.mark([shop[3].pk])

    refresh()

    assert Figures.objects.get(pk=shop[3].pk).last_on == AS_OF + timedelta(days=30)


def test_days_orders_and_net_lie_side_by_side(db, cleo):
    for days_ago, total in ((9, "1.00"), (9, "2.50"), (3, "4.125")):
        order(cleo, days_ago, total).save()

    recompute.full(AS_OF)

    row = PurchaseDays.objects.get(pk=cleo.pk)
    assert (row.days, row.orders, row.net) == (
        [AS_OF - timedelta(days=9), AS_OF - timedelta(days=3)],
        [2, 1],
        [3500, 4125],
    )
    assert np.isclose(float(Figures.objects.get(pk=cleo.pk).net), 7.625)


def test_the_database_never_cleans_what_the_switch_will_have_to_drop(shop):
    recompute.full(AS_OF)

    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = ANY(%s)", [list(tables.TABLES)])
        options = cursor.fetchall()

    assert options == [(["autovacuum_enabled=false"],)] * 3


@pytest.mark.django_db(transaction=True)
def test_of_many_two_connections_take_turns_and_each_customer_is_made_once(monkeypatch):
    ids = [customer.pk for customer in random_shop(30)]
    recompute.full(AS_OF)
    for pk in ids:
        order(Customer(pk=pk), 0, "80.00").save()
    Stale.mark(ids)
    written, threads, both = [], set(), Barrier(2, timeout=20)

    def write(some, stored, goes_on=refreshing._write):
        written.extend(some)
        if get_ident() not in threads:  # each waits once, until the other has something to write as well
            threads.add(get_ident())
            both.wait()
        goes_on(some, stored)

    monkeypatch.setattr(refreshing, "BATCH", 4)
    monkeypatch.setattr(refreshing, "_write", write)

    assert refresh() == 30

    assert sorted(written) == ids
    refreshed = [published(model) for model in (Scores, Figures, PurchaseDays)]
    from_scratch()
    assert refreshed == [published(model) for model in (Scores, Figures, PurchaseDays)]
