from datetime import date

import numpy as np
import pytest

from analytics.metrics.triangle import repeat_rate, rolling_by_day, triangle
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")


def small(last_complete=2):
    """Customer 0 buys twice in month 0 and in month 2; 1 in 0 and 1; 2 in month 1 only."""
    return triangle([0, 0, 0, 1, 1, 2], [0, 0, 2, 0, 1, 1], last_complete)


def test_each_count_has_its_own_question():
    cohorts = small()

    assert cohorts.sizes.tolist() == [2, 1, 0]
    assert cohorts.bought.tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert cohorts.rolling.tolist() == [[2, 2, 1], [0, 0, 0], [0, 0, 0]]
    assert cohorts.cumulative.tolist() == [[1, 2, 2], [0, 0, 0], [0, 0, 0]]


def test_a_cell_is_complete_when_its_month_is_over_and_only_then_counts_in_the_average():
    cohorts = small(last_complete=1)

    assert cohorts.complete.tolist() == [[True, True, False], [True, False, False], [False, False, False]]
    np.testing.assert_allclose(cohorts.average(cohorts.bought), [1 / 3, 1 / 2, np.nan])


def test_months_without_any_purchase_are_still_months():
    cohorts = triangle([0, 1], [0, 0], last_complete=3)

    assert cohorts.sizes.tolist() == [2, 0, 0, 0]
    assert cohorts.complete[0].tolist() == [True] * 4


def test_no_purchases_give_no_cohorts():
    assert triangle([], [], last_complete=3).sizes.size == 0


def test_online_retail_cohorts_come_out_cell_by_cell():
    customer, day = real.online_retail()
    month = real.months(day)
    expected = {}
    for row in real.rows(real.HERE / "online_retail_sales_monthly_cohorts.csv.gz"):
        expected[real.month(row["cohort"]), int(row["month_index"])] = int(row["customers"])

    cohorts = triangle(customer, month, last_complete=month.max() - 1)

    found = {
        (int(cohorts.cohorts[c]), m): int(cohorts.bought[c, m] if m else cohorts.sizes[c])
        for c in range(cohorts.sizes.size)
        for m in range(cohorts.sizes.size - c)
    }
    assert found == expected
    assert [885, *cohorts.bought[0, 1:].tolist()] == [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]


def firsts_and_lasts():
    customer, day = real.online_retail()
    starts = np.flatnonzero(np.diff(customer, prepend=-1))
    return day[starts], day[np.append(starts[1:], day.size) - 1]


@pytest.mark.parametrize(
    ("after", "percent"), [(1, 64.33), (7, 64.08), (30, 63.71), (90, 65.10), (180, 58.31), (360, 24.37)]
)
def test_online_retail_rolling_retention_comes_out(after, percent):
    first, last = firsts_and_lasts()

    retained, eligible = rolling_by_day(first, last, date(2011, 12, 9).toordinal(), after)

    assert round(100 * retained / eligible, 2) == percent


def test_the_repeat_rate_waits_until_a_customer_is_old_enough():
    first, second = np.array([0, 0, 50, 99]), np.array([10, 40, 60, 10**6])

    assert repeat_rate(first, second, as_of=100, within=30) == (2, 3)
