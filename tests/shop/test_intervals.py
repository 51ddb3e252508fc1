import numpy as np
import pytest

from shop.intervals import Interval, difference_of_ratios, difference_of_shares, ratio, share, wilson

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(  # Newcombe 1998, table I
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_share_has_wilsons_interval(hits, trials, low, high):
    interval = share(hits, trials)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(  # Newcombe 1998 II, table II, method 10
    ("hits", "trials", "hits0", "trials0", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0),
        (0, 10, 0, 10, -0.2775, 0.2775),
    ],
)
def test_a_difference_has_newcombes_interval(hits, trials, hits0, trials0, low, high):
    interval = difference_of_shares(hits, trials, hits0, trials0)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [((60, 100), (30, 100), "up"), ((30, 100), (60, 100), "down"), ((5, 10), (4, 10), "cannot_tell")],
)
def test_a_comparison_says_up_down_or_cannot_tell(now, before, verdict):
    assert difference_of_shares(*now, *before).verdict() == verdict


def test_nothing_observed_says_nothing():
    assert np.isnan(share(0, 0).value)
    assert difference_of_shares(0, 0, 3, 9).verdict() == "cannot_tell"
    assert np.isnan(ratio([], []).value)
    assert np.isnan(ratio([5.0], [1]).low)


def test_many_shares_at_once():
    low, high = wilson([0, 5, 9, 0], [9, 9, 9, 0])

    assert (low[0], high[2], low[3], high[3]) == (0, 1, 0, 1)
    assert (low <= high).all()


def test_the_interval_of_a_ratio_covers_it_in_95_of_100_shops_though_orders_cling_to_customers():
    rng = np.random.default_rng(1)

    def covers():
        orders = rng.poisson(4, 400) + 1
        level = rng.lognormal(3, 0.6, 400)
        interval = ratio(orders * level, orders)
        return interval.low <= np.exp(3 + 0.18) <= interval.high

    assert np.mean([covers() for _ in range(600)]) == pytest.approx(0.95, abs=0.03)


def test_two_ratios_compare_by_the_interval_of_their_difference():
    change = difference_of_ratios(Interval(50, 46, 54), Interval(40, 37, 43))

    assert (change.value, change.low, change.high) == (10, 5, 15)
    assert change.verdict() == "up"
