"""Totals foretold of older records, held against what came."""

from datetime import date
from functools import cache

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


def test_it_is_looked_ahead_from_each_quarter_of_the_records():
    assert [(date.fromordinal(total.on).isoformat(), total.days) for total in looked_back()] == [
        ("2011-03-03", 281),
        ("2011-06-05", 187),
        ("2011-09-06", 94),
    ]


def test_who_came_later_is_not_in_it_and_every_order_of_the_others_is():
    for total in looked_back():
        known = shop().until(total.on)
        later = (shop().day > total.on) & np.isin(shop().customers[shop().index], known.customers)
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


def test_eight_of_ten_totals_end_within_the_range():
    random, held = np.random.default_rng(1), 0
    for _ in range(2_000):
        usual, *before = random.normal(0, 0.2, 4)
        low, high = totals.eight_of_ten(np.array(before), 0.0)
        held += np.log1p(low) <= usual <= np.log1p(high)

    assert 0.77 < held / 2_000 < 0.83
    assert totals.eight_of_ten(np.array([]), 0.1) == pytest.approx((np.exp(-0.12816) - 1, np.exp(0.12816) - 1))


def test_the_share_of_a_year_is_learned_over_half_the_records_while_they_are_short():
    customer, day = real.online_retail()

    shares = blend.learned(customer, day, LAST, lambda known: mbg_cnbd.choose_k(known, (2,)), year=blend.YEAR)
    of_a_quarter = blend.learned(customer, day, LAST, lambda known: mbg_cnbd.choose_k(known, (2,)))

    assert (shares.over, of_a_quarter.over) == (187, 90)
    assert shares.of_silence == of_a_quarter.of_silence
    assert shares.of_purchases != of_a_quarter.of_purchases
