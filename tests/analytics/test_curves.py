"""Day-N and rolling retention, against counting one by one."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from analytics import recompute
from analytics.metrics import curves
from analytics.models import AskedFigures, Figures
from shop.models import Setting
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop


def one_by_one(histories, ages, width, n):
    seen = [c for c, age in enumerate(ages) if n + width <= age - 1]
    return sum(any(abs(day - n) <= width for day in histories[c]) for c in seen), len(seen)


@pytest.mark.parametrize("width", curves.WIDTHS)
def test_day_n_counts_every_customer_once_and_only_over_days_that_are_over(width):
    chance = np.random.default_rng(width)
    ages = chance.integers(0, 200, 60)
    days = [chance.integers(1, 200, chance.integers(0, 30)).tolist() for _customer in ages]
    histories = [sorted({day for day in some if day < age}) for some, age in zip(days, ages, strict=True)]
    who = np.repeat(np.arange(60), [len(days) for days in histories])
    offset = np.array([day for days in histories for day in days])

    bought, seen = curves.day_n(who, offset, ages, width, 150)

    for n in range(1, 151):
        assert (bought[n], seen[n]) == one_by_one(histories, ages, width, n), n


@pytest.mark.django_db
def test_who_was_known_already_stays_out():
    Setting.put("analytics.active_days", 60)
    random_shop(60)
    generation = recompute.full(AS_OF)

    found = curves.curves(generation, 3, elapsed=False)

    known_until = generation.history_from.toordinal() + 60
    new = Figures.objects.filter(first_on__gte=date.fromordinal(known_until)).count()
    assert found.rolling[0][2] == new > 0
    assert max(n for _day, _k, n in found.day_n) <= new


@pytest.mark.django_db
def test_hours_and_days_differ_where_the_second_purchase_is_earlier_on_its_day(cleo):
    """First in the evening of the 10th, again in the morning of the 12th: calendar day 2, but not 48 hours later."""
    order(build.customer("Earlier"), 300, "5.00").save()  # so that this one surely came new
    for day, hour in ((10, 20), (12, 8)):
        late = order(cleo, 0, "10.00")
        late.placed_at = late.paid_at = datetime(2026, 4, day, hour, tzinfo=UTC)
        late.save()
    Setting.put("analytics.active_days", 60)
    generation = recompute.full(AS_OF)

    by_days = {n: k for n, k, _seen in curves.curves(generation, 0, elapsed=False).day_n}
    by_hours = {n: k for n, k, _seen in curves.curves(generation, 0, elapsed=True).day_n}

    assert (by_days[1], by_days[2]) == (0, 1)
    assert (by_hours[1], by_hours[2]) == (1, 0)


@pytest.mark.django_db
def test_curves_are_worked_out_once():
    random_shop(60)
    generation = recompute.full(AS_OF)
    first = curves.curves(generation, 0, elapsed=True)

    kept = AskedFigures.objects.filter(generation=generation).count()

    assert curves.curves(generation, 0, elapsed=True) == first
    assert AskedFigures.objects.filter(generation=generation).count() == kept


@pytest.mark.django_db
def test_a_shop_without_orders_has_no_curve():
    found = curves.curves(recompute.full(AS_OF), 3, elapsed=True)

    assert (found.day_n, found.rolling) == ([], [])
