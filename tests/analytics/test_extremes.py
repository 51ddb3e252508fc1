"""What no ordinary shop has, and one does one day: nothing of it may break a figure or a page."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from analytics import recompute
from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.metrics.spans import Span
from analytics.models import Figures, PurchaseDays, Scores
from analytics.reactions import mark_stale
from analytics.refreshing import refresh
from crm.models import Event, Order, Refund
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop

MANY = 100_000
DAYS = 700


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


def sums(generation, first, last):
    return asking.sums(generation, [Question(Span(first, last))])[0]


def test_a_month_in_which_more_came_back_than_was_sold(manager, db):
    ana, ben = build.customer("Ana"), build.customer("Ben")
    order(ana, 50, "100.00").save()  # in April
    order(ben, 20, "10.00").save()
    Refund.objects.create(customer=ana, source="shop", at=order(ana, 15, "1").placed_at, amount=Decimal(80))

    made = recompute.full(AS_OF)

    april, may = (sums(made, date(2026, month, 1), date(2026, month, last)) for month, last in ((4, 30), (5, 31)))
    assert (april.revenue, may.revenue) == (100.0, -70.0)
    assert Figures.objects.get(pk=ana.pk).net == 20
    assert manager.get(reverse("analytics:retention"), {"period": "2026-05"}).status_code == 200


def test_a_leap_day_is_a_day_of_its_own_and_of_its_february(db):
    ana, ben = build.customer("Ana"), build.customer("Ben")
    for who, day in ((ana, 28), (ana, 29), (ben, 29)):
        build.order(who, "10.00", at=datetime(2024, 2, day, 12, tzinfo=UTC))
    build.order(ben, "10.00", at=datetime(2024, 3, 1, 12, tzinfo=UTC))

    made = recompute.full(AS_OF)

    leap = date(2024, 2, 29)
    assert (sums(made, leap, leap).spent.n, sums(made, leap, leap).revenue) == (2, 20.0)
    assert sums(made, date(2024, 2, 1), leap).revenue == 30.0
    assert PurchaseDays.objects.get(pk=ben.pk).days == [leap, date(2024, 3, 1)]
    assert Figures.objects.get(pk=ben.pk).usual_gap == 1.0


@pytest.mark.slow
def test_one_customer_with_a_hundred_thousand_orders(manager, db):
    random_shop(80)
    regular = build.customer("Never Tired")
    buys_again_and_again(regular)

    made = recompute.full(AS_OF)
    figures = Figures.objects.get(pk=regular.pk)
    order(regular, 0, "5.00").save()
    mark_stale([Event(customer=regular)])
    refresh()

    assert (figures.orders, figures.occasions, figures.net) == (MANY, DAYS, MANY * 2)
    assert Scores.objects.get(pk=regular.pk).p_alive > 0.9
    assert Figures.objects.get(pk=regular.pk).net == MANY * 2 + 5
    assert made.model_in_use is not None
    for page in ("retention", "cohorts", "curves", "rfm", "value", "at_risk", "grading"):
        assert manager.get(reverse(f"analytics:{page}")).status_code == 200
    assert manager.get(regular.get_absolute_url()).status_code == 200
    assert manager.get(reverse("analytics:next_year", args=[regular.pk])).status_code == 200


def buys_again_and_again(customer):
    """As many orders on each of the days until the day before AS_OF."""
    first = order(customer, DAYS, "2.00")
    first.save()
    columns = [one.column for one in Order._meta.concrete_fields if not one.generated and one.column != "id"]
    at = f"placed_at + make_interval(days => n %% {DAYS})"
    told = {"reference": "'M-' || n", "placed_at": at, "paid_at": at}
    chosen = ", ".join(told.get(name, name) for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO crm_order ({', '.join(columns)}) SELECT {chosen}"
            " FROM crm_order, generate_series(1, %s) AS n WHERE id = %s",
            [MANY - 1, first.pk],
        )
    assert Order.objects.filter(customer=customer).latest("placed_at").placed_at.date() == AS_OF - timedelta(days=1)
