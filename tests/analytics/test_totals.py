"""Totals foretold of older records, held against what came."""

from datetime import date
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from analytics.grading import totals
from analytics.lifetime import blend, mbg_cnbd
from analytics.purchases.reading import Purchases
from tests.analytics import real

LAST = date(2011, 12, 9).toordinal()


@cache
def shop():
    """The gift shop, orders of 5.00 to 45.00."""
    customer, day = real.online_retail()
    net = 5_000 + 10_000 * (customer % 4) + (day * 997 + customer * 31) % 10_000
    return Purchases(np.unique(customer), customer, day, np.ones_like(day), net)


@cache
def looked_back():
    return totals.looked_back(shop(), LAST)


def test_it_is_looked_ahead_from_each_quarter_of_the_records_to_the_end_of_every_later_one():
    assert [(date.fromordinal(total.on).isoformat(), total.days) for total in looked_back()] == [
        ("2011-03-03", 94),
        ("2011-03-03", 187),
        ("2011-03-03", 281),
        ("2011-06-05", 93),
        ("2011-06-05", 187),
        ("2011-09-06", 94),
    ]


def test_who_came_later_is_not_in_it_and_every_order_of_the_others_is():
    for total in looked_back():
        known = shop().until(total.on)
        later = (shop().day > total.on) & (shop().day <= total.on + total.days)
        later &= np.isin(shop().customers[shop().index], known.customers)
        assert total.customers == len(known)
        assert total.orders[1] == later.sum()
        assert total.value[1] == shop().net[later].sum()


def test_nothing_that_came_after_the_day_moves_what_is_foretold():
    first = looked_back()[0]
    until = shop().until(first.on + 60)

    again = totals._total(until, first.on, first.days)

    assert (again.orders[0], again.value[0]) == (first.orders[0], first.value[0])
    assert again.orders[1] < first.orders[1]


def test_records_of_a_few_days_or_a_few_customers_are_not_looked_back_on():
    few = Purchases(*(getattr(shop(), name) for name in ("customers", "index", "day", "orders", "net")))
    few = few.every(80)

    assert totals.looked_back(few, LAST) == []
    assert totals.looked_back(shop().until(int(shop().day.min()) + 13), int(shop().day.min()) + 13) == []


def drifting(random, ends):
    """A shop whose level goes up and down by chance from day to day: what a forecast misses between two days is how
    far the mean of the level between them is from the level it was made at."""
    level = np.append(0, np.cumsum(random.normal(0, 0.02, ends[-1])))
    return lambda on, until: totals.Miss(on, until, float(level[on + 1 : until + 1].mean() - level[on]))


@pytest.mark.parametrize("years", [1, 3])
def test_eight_of_ten_years_of_shops_that_drift_end_within_the_range(years):
    random, quarter, held = np.random.default_rng(1), years * 365 // 4, []
    for _ in range(1_500):
        days = [quarter * part for part in (1, 2, 3, 4)]
        miss = drifting(random, [*days, days[-1] + 365])
        back = [miss(on, until) for on, until in combinations(days, 2)]
        low, high = totals.eight_of_ten(back, 0.0)
        held.append(np.log1p(low) <= miss(days[-1], days[-1] + 365).by <= np.log1p(high))

    assert 0.75 < np.mean(held) < 0.9


def test_without_forecasts_to_look_back_on_the_range_holds_what_is_left_to_chance():
    assert totals.eight_of_ten([], 0.1) == pytest.approx((np.exp(-0.12816) - 1, np.exp(0.12816) - 1))


def test_forecasts_of_the_same_days_are_no_more_than_one():
    one, same = totals.Miss(0, 365, 0.1), [totals.Miss(0, 365, 0.1)] * 3
    apart = [totals.Miss(365 * year, 365 * (year + 1), 0.1) for year in range(3)]

    assert totals.eight_of_ten(same, 0.0) == pytest.approx(totals.eight_of_ten([one], 0.0))
    assert totals.eight_of_ten(apart, 0.0)[1] < totals.eight_of_ten(same, 0.0)[1]


def test_a_forecast_of_longer_than_any_before_is_less_sure():
    back = [totals.Miss(0, 90, 0.1)]

    assert np.log1p(totals.eight_of_ten(back, 0.0, 360)) == pytest.approx(
        2 * np.log1p(totals.eight_of_ten(back, 0.0, 90))
    )
    assert totals.eight_of_ten(back, 0.0, 30) == totals.eight_of_ten(back, 0.0, 90)


def test_the_share_of_a_year_is_learned_over_half_the_records_while_they_are_short():
    customer, day = real.online_retail()

    shares = blend.learned(customer, day, LAST, lambda known: mbg_cnbd.choose_k(known, (2,)), year=blend.YEAR)
    of_a_quarter = blend.learned(customer, day, LAST, lambda known: mbg_cnbd.choose_k(known, (2,)))

    assert (shares.over, of_a_quarter.over) == (187, 90)
    assert shares.of_silence == of_a_quarter.of_silence
    assert shares.of_purchases != of_a_quarter.of_purchases
