from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from analytics import recompute
from analytics.metrics import rfm_moves
from analytics.models import Generation, RfmPeriod, Scores
from crm.models import Order
from tests.analytics.shops import AS_OF, order, random_shop

pytestmark = pytest.mark.django_db(transaction=True)


def periods(customer):
    rows = RfmPeriod.objects.filter(customer=customer).order_by("began_on")
    return [(row.left_behind, row.group, row.began_on, row.ended_on) for row in rows]


def groups():
    return dict(Scores.objects.values_list("customer_id", "rfm"))


def quietest():
    return Scores.objects.order_by("last_on", "pk").first().customer


def run(day):
    generation = recompute.full(day)
    rfm_moves.record(generation)
    return generation


def test_the_first_run_works_out_where_everybody_was_in_the_weeks_before():
    random_shop()
    run(AS_OF)

    now = dict(RfmPeriod.objects.open().values_list("customer_id", "group"))
    assert now == groups()
    for back in reversed(rfm_moves.BACK):
        day = AS_OF - timedelta(days=back)
        then = RfmPeriod.objects.filter(began_on__lte=day).exclude(ended_on__lte=day)
        cancel(placed_at__gte=datetime(day.year, day.month, day.day, tzinfo=UTC))
        recompute.full(day)
        assert dict(then.values_list("customer_id", "group")) == groups()


def test_a_run_closes_the_period_of_who_moved_and_leaves_the_others_alone():
    random_shop()
    run(AS_OF)
    before = groups()
    quiet = quietest()
    order(quiet, 0, "900.00").save()

    run(AS_OF + timedelta(days=1))

    after = groups()
    moved = {pk for pk, group in after.items() if group != before[pk]}
    assert quiet.pk in moved
    began = set(RfmPeriod.objects.filter(began_on=AS_OF + timedelta(days=1)).values_list("customer_id", flat=True))
    assert began == moved
    (_, left, _, ended), now = periods(quiet)[-2:]
    assert (left, ended) == (before[quiet.pk], AS_OF + timedelta(days=1))
    assert now == (before[quiet.pk], after[quiet.pk], AS_OF + timedelta(days=1), None)


def test_a_second_run_on_a_day_corrects_the_first_one():
    random_shop()
    run(AS_OF)
    quiet = quietest()
    as_it_was = periods(quiet)
    bought = order(quiet, 0, "900.00")
    bought.save()
    run(AS_OF + timedelta(days=1))
    assert periods(quiet) != as_it_was

    cancel(pk=bought.pk)
    run(AS_OF + timedelta(days=1))

    assert periods(quiet) == as_it_was


def cancel(**which):
    Order.objects.filter(**which).update(cancelled_at=timezone.now())


def test_a_run_for_a_day_gone_by_moves_nobody():
    random_shop()
    run(AS_OF)
    before = list(RfmPeriod.objects.order_by("pk").values_list())

    run(AS_OF - timedelta(days=40))

    assert list(RfmPeriod.objects.order_by("pk").values_list()) == before


def test_a_shop_without_orders_has_no_periods():
    run(AS_OF)

    assert not RfmPeriod.objects.exists()
    assert Generation.objects.current() is not None
