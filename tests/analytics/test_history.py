"""Purchase days that stayed the same stay in their table; whatever differs is found, however it came about."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from analytics import recompute, tasks
from analytics.definition import Definition
from analytics.following import make_all
from analytics.models import Figures, PurchaseDays, Stale
from analytics.publishing import history
from analytics.publishing import tables as publishing
from analytics.purchases import summary
from analytics.purchases.reading import all_purchases
from analytics.refreshing import refresh
from crm.models import Customer, Order, Refund
from tests.analytics.shops import AS_OF, order, random_shop


@pytest.fixture(scope="module")
def figures(module_db):
    customers = random_shop()
    recompute.full(AS_OF)
    return [customer.pk for customer in customers]


@pytest.fixture
def shop(figures, db, monkeypatch):
    monkeypatch.setattr(history, "LITTER", 1_000_000)  # what other tests took back is litter, too
    return list(Customer.objects.filter(pk__in=figures).order_by("pk"))


def tables():
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT 'analytics_scores'::regclass::oid,
                   ARRAY['analytics_figures'::regclass::oid, 'analytics_purchasedays'::regclass::oid]
        """)
        return cursor.fetchone()


def left_over():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'analytics%%_next%%'")
        return cursor.fetchone()[0]


def held():
    return {row.pk: (row.days, row.orders, row.net) for row in PurchaseDays.objects.all()}


def bought():
    purchases = all_purchases(Definition.in_force())
    rows = {}
    for pk, first, last in zip(
        purchases.customers, purchases.starts, np.append(purchases.starts[1:], purchases.day.size), strict=True
    ):
        days = [date.fromordinal(int(day)) for day in purchases.day[first:last]]
        rows[int(pk)] = (days, purchases.orders[first:last].tolist(), purchases.net[first:last].tolist())
    return rows


def sums():
    return {row.pk: (row.orders, row.net, row.first_on, row.last_on, row.usual_gap) for row in Figures.objects.all()}


def added_up():
    """As the figures of everybody would be written."""
    columns = summary.figures(summary.summarise(all_purchases(Definition.in_force()), 0))
    names = ("customer_id", "orders", "net", "first_on", "last_on", "usual_gap")
    return {
        int(pk): (
            int(orders), Decimal(int(net)) / 1000, date.fromordinal(int(first)), date.fromordinal(int(last)),
            None if np.isnan(gap) else float(gap),
        )
        for pk, orders, net, first, last, gap in zip(*(columns[name] for name in names), strict=True)
    }  # fmt: skip


def give_back(customer):
    """Without naming an order: no day tells of it."""
    Refund.objects.create(customer=customer, source="shop", at=timezone.now(), amount="1.50")


def tamper(customer, *orders):
    """One number for each day, or as many as are given."""
    row = PurchaseDays.objects.filter(pk=customer.pk)
    row.update(orders=orders if len(orders) > 1 else orders * len(row.get().days))


def leave_out(customer):
    customer.left_out_at = timezone.now()
    customer.save()


def test_where_nobody_bought_days_and_figures_stay_where_they_are_and_the_scores_are_made_anew(shop):
    before, was = tables(), held()

    recompute.full(AS_OF)

    after = tables()
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert held() == was
    assert left_over() == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda customer: order(customer, 3, "7.50").save(),
        lambda customer: order(customer, 2_000, "7.50").save(),
        lambda customer: Order.objects.filter(customer=customer).first().cancel(),
        lambda customer: Order.objects.filter(customer=customer).delete(),
        lambda customer: Order.objects.filter(pk=Order.objects.filter(customer=customer)[0].pk).update(refunded=1),
        lambda customer: PurchaseDays.objects.filter(pk=customer.pk).delete(),
        lambda customer: tamper(customer, 9),
        lambda customer: Figures.objects.filter(pk=customer.pk).delete(),
        lambda customer: Figures.objects.filter(pk=customer.pk).update(net=1),
        give_back,
        leave_out,
    ],
    ids=[
        "newer",
        "older",
        "cancelled",
        "none left",
        "refunded",
        "missing",
        "wrong",
        "no sums",
        "wrong sums",
        "given back",
        "left out",
    ],
)
@pytest.mark.parametrize("who", [0, 44, 89], ids=["first", "one between", "last"])
def test_one_who_differs_is_written_into_the_table_that_stays(shop, change, who, monkeypatch):
    monkeypatch.setattr(history, "PART", 40)
    before = tables()
    change(shop[who])

    recompute.full(AS_OF)

    assert tables()[1] == before[1]
    assert held() == bought()
    assert sums() == added_up()
    assert left_over() == 0


def test_where_many_differ_a_fresh_table_is_written(shop):
    before = tables()
    for customer in shop[:10]:
        order(customer, 3, "7.50").save()

    recompute.full(AS_OF)

    assert tables()[1] != before[1]
    assert held() == bought()
    assert left_over() == 0


def test_a_table_with_much_litter_is_written_afresh(shop, monkeypatch):
    monkeypatch.setattr(history, "LITTER", -1)
    before = tables()

    recompute.full(AS_OF)

    assert tables()[1] != before[1]
    assert held() == bought()


def test_figures_that_are_made_in_another_way_since_are_written_afresh(shop, monkeypatch):
    monkeypatch.setattr(history, "FORM", history.FORM + 1)
    before = tables()

    recompute.full(AS_OF)

    assert tables()[1] != before[1]
    assert sums() == added_up()


def test_a_table_whose_columns_do_not_belong_together_is_written_afresh(shop):
    before = tables()
    tamper(shop[3], *range(1, 40))

    recompute.full(AS_OF)

    assert tables()[1] != before[1]
    assert held() == bought()


def test_who_buys_while_the_days_are_compared_has_the_new_day_in_the_table_that_stays(shop, monkeypatch):
    customer, compare = shop[7], history.changes

    def buys_meanwhile(*read):
        found = compare(*read)
        order(customer, 1, "500.00").save()
        Stale.mark([customer.pk])
        return found

    monkeypatch.setattr(history, "changes", buys_meanwhile)
    before = tables()

    recompute.full(AS_OF)

    assert tables()[1] == before[1]
    assert held()[customer.pk][0][-1] == AS_OF - timedelta(days=1)
    assert held() == bought()
    assert Figures.objects.get(pk=customer.pk).last_on == AS_OF - timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_what_refreshing_left_behind_is_cleaned_after_the_next_run_and_its_rows_are_counted(monkeypatch):
    monkeypatch.setattr(history, "LITTER", 1_000_000)
    customers = random_shop(60)
    make_all(lambda *stage: None, AS_OF)
    before = tables()
    Stale.mark([customer.pk for customer in customers])
    refresh()

    make_all(lambda *stage: None, AS_OF)

    assert tables()[1] == before[1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples, (SELECT count(last_vacuum) FROM pg_stat_user_tables WHERE relid = kept.oid)"
            "  FROM pg_class AS kept WHERE oid = ANY (%s)",
            [before[1]],
        )
        assert cursor.fetchall() == [(PurchaseDays.objects.count(), 1)] * 2


def cleaned():
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_stat_get_vacuum_count(oid)) FROM pg_class WHERE relname = 'analytics_scores'")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_of_many_refreshed_on_a_day_the_tables_are_cleaned_at_once_but_not_again_and_again(monkeypatch):
    customers = [customer.pk for customer in random_shop(60)]
    make_all(lambda *stage: None, AS_OF)
    monkeypatch.setattr(publishing, "FEW_DEAD", 50)
    counts = []

    for some in (customers[:10], customers, customers):
        Stale.mark(some)
        tasks.refresh()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")  # otherwise it is counted within a second
        tasks.refresh()
        counts.append(cleaned())

    assert counts == [0, 1, 1]
