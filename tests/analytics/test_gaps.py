import numpy as np
import pytest

from analytics.metrics.gaps import GapCurve, gap_curve, second_purchase_curve
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")


def test_a_customers_gaps_share_one_weight_and_an_open_gap_counts_only_alone():
    customer, day = [0, 0, 0, 1, 2, 2], [0, 2, 6, 0, 0, 4]

    curve = gap_curve(customer, day, as_of=6)

    # gaps 2 and 4 at half a weight, 4 at one, and a customer waiting for 6 days
    assert curve.at_risk[[2, 3, 4, 5, 6]].tolist() == [3, 2.5, 2.5, 1, 1]
    assert curve.back[[1, 2, 3, 4, 6]] == pytest.approx([0, 0.5 / 3, 0.5 / 3, 2 / 3, 2 / 3])
    assert (curve.completed, curve.customers) == (3, 3)


def test_a_gap_that_ends_on_the_day_another_is_cut_off_was_waited_for_together():
    curve = gap_curve([0, 0, 1], [0, 5, 2], as_of=7)

    assert curve.back[5] == pytest.approx(0.5)


def test_the_weighted_curve_finds_the_true_median_where_completed_gaps_run_short():
    customer, day, as_of = poisson_shop(4_000)
    gaps = np.diff(day)[np.diff(customer) == 0]

    weighted = gap_curve(customer, day, as_of).day_by_which(0.5)

    assert weighted == pytest.approx(TRUE_MEDIAN, abs=4)
    assert np.median(gaps) < 0.7 * TRUE_MEDIAN


TRUE_MEDIAN = 94


def poisson_shop(size, seed=4):
    """Customers with exponential gaps whose own means differ; the median over customers is 94 days."""
    rng = np.random.default_rng(seed)
    mean = TRUE_MEDIAN / median_factor(rng) * rng.lognormal(0, 0.7, size)
    purchases = []
    for customer, average in enumerate(mean):
        now = rng.uniform(0, 365)
        while now < 1825:
            purchases.append((customer, int(now)))
            now += 1 + rng.exponential(average)
    customer, day = np.unique(purchases, axis=0).T
    return customer, day, 1825


def median_factor(rng):
    return np.median(rng.exponential(1, 200_000) * rng.lognormal(0, 0.7, 200_000))


def test_online_retail_proposes_a_window_within_its_bounds():
    curve = gap_curve(*real.online_retail(), as_of=734480)

    assert curve.completed == 12_425
    assert 30 <= curve.proposed_window() <= 365
    assert curve.back[curve.proposed_window()] >= 0.9 * curve.ever > curve.back[curve.proposed_window() - 1]


def test_with_few_gaps_the_window_is_half_a_year():
    assert gap_curve([0, 0], [0, 5], as_of=9).proposed_window() == 180


@pytest.mark.parametrize(("gap", "window"), [(3, 30), (700, 365), (100, 100)])
def test_the_window_stays_between_a_month_and_a_year(gap, window):
    customer, day = np.repeat(np.arange(300), 2), np.tile([0, gap], 300)

    assert gap_curve(customer, day, as_of=800).proposed_window() == window


def test_who_has_not_bought_again_still_waits_for_the_second_purchase():
    curve = second_purchase_curve([0, 0], [10, 9999], as_of=20)

    assert curve.back[[9, 10, 20]].tolist() == [0, 0.5, 0.5]
    assert curve.completed == 1


@pytest.mark.parametrize("curve", [gap_curve, second_purchase_curve])
def test_a_shop_without_purchases_has_an_empty_curve(curve):
    empty = curve([], [], as_of=9)

    assert (empty.ever, empty.customers, empty.proposed_window(), empty.day_by_which(0.5)) == (0, 0, 180, None)


def test_a_curve_goes_to_its_stored_form_and_back():
    curve = gap_curve([0, 0, 1], [0, 5, 2], as_of=7)

    again = GapCurve.from_dict(curve.as_dict())

    assert again.back.tolist() == curve.back.tolist()
    assert again.day_by_which(0.5) == 5


def test_the_band_without_anybody_out_of_sight_is_that_of_a_share():
    """30 of 100 back after 5 days. By hand: log(0.7) = -0.35667, its variance 0.3 / (100 × 0.7), so θ = e^±0.3598."""
    first = np.zeros(100, dtype=int)
    second = np.where(np.arange(100) < 30, 5, 10**6)

    curve = second_purchase_curve(first, second, 10)
    low, high = curve.band()

    assert curve.back[5] == pytest.approx(0.3)
    assert (low[5], high[5]) == (pytest.approx(1 - 0.7**0.6978, abs=1e-4), pytest.approx(1 - 0.7**1.4330, abs=1e-4))
    assert (low[4], high[4]) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


def test_the_band_lies_around_the_curve_and_within_0_and_1():
    chance = np.random.default_rng(3)
    customer = np.sort(chance.integers(0, 80, 400))
    day = np.concatenate([np.sort(chance.choice(300, n, replace=False)) for n in np.bincount(customer, minlength=80)])

    curve = gap_curve(customer, day, 300)
    low, high = curve.band()

    assert np.all((low >= 0) & (low <= curve.back + 1e-9) & (curve.back <= high + 1e-9) & (high <= 1))
