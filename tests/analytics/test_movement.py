from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from analytics.metrics.movement import Movement, monthly, windowed
from tests.analytics import real

pytestmark = pytest.mark.filterwarnings("error")


def small():
    """0 buys in periods 0, 1 and 3; 1 in 0 only; 2 is new in 1."""
    return monthly([0, 0, 0, 0, 1, 2], [0, 0, 1, 3, 0, 1], periods=4)


def test_everyone_active_at_an_end_was_kept_or_new_or_returned():
    moved = small().movement()

    assert moved.start.tolist() == [0, 2, 2, 0]
    assert moved.end.tolist() == [2, 2, 0, 1]
    assert moved.new.tolist() == [2, 1, 0, 0]
    assert moved.kept.tolist() == [0, 1, 0, 0]
    assert moved.returned.tolist() == [0, 0, 0, 1]


def test_the_rates_follow_their_formulas_and_say_nothing_about_nobody():
    moved = small().movement()

    np.testing.assert_allclose(moved.strict, [np.nan, 0.5, 0, np.nan])
    np.testing.assert_allclose(moved.classic, [np.nan, 0.5, 0, np.nan])
    np.testing.assert_allclose(moved.churn, [np.nan, 0.5, 1, np.nan])
    np.testing.assert_allclose(moved.reactivated, [np.nan, 0, 0, np.nan])


def test_those_who_left_and_those_who_returned_have_names():
    active = small()

    assert active.churned(1).tolist() == [1]
    assert active.churned(2).tolist() == [0, 2]
    assert active.returned(3).tolist() == [0]


def test_customers_known_before_are_never_new():
    moved = small().movement(known_before=np.array([True, False, False]))

    assert moved.new.tolist() == [1, 1, 0, 0]
    assert moved.first_seen.tolist() == [1, 0, 0, 0]


def test_who_came_and_went_inside_one_period_is_tried_and_left():
    moved = windowed([0, 1], [105, 199], ends=[99, 199], window=30).movement()

    assert moved.new.tolist() == [0, 1]
    assert moved.tried_and_left.tolist() == [0, 1]


def test_the_window_holds_the_day_of_the_end_and_the_days_before_it():
    active = windowed([0, 1, 2], [70, 71, 100], ends=[100], window=30)

    assert active.at_end(0).tolist() == [1, 2]


def test_two_purchases_in_one_window_are_one_active_customer():
    active = windowed([0, 0, 0], [10, 20, 90], ends=[30, 60, 100], window=45)

    assert [active.at_end(period).tolist() for period in range(3)] == [[0], [0], [0]]


def test_no_purchases_are_no_movement():
    assert monthly([], [], periods=2).movement().end.tolist() == [0, 0]
    assert windowed([], [], ends=[9, 19], window=5).movement().end.tolist() == [0, 0]


@pytest.mark.parametrize("window", [1, 20, 45, 200])
def test_told_day_by_day_for_each_customer_it_is_the_same(window):
    random = np.random.default_rng(window)
    days = [np.unique(random.integers(0, 420, random.integers(1, 9))) for _ in range(200)]
    customer = np.repeat(np.arange(200), [len(of_one) for of_one in days])
    ends = np.arange(60, 400, 30)

    active = windowed(customer, np.concatenate(days), ends, window)

    expected = [{one for one in range(200) if any(end - window < day <= end for day in days[one])} for end in ends]
    assert [set(active.at_end(period).tolist()) for period in range(ends.size)] == expected
    moved = active.movement()
    assert moved.kept.tolist() == [0, *(len(before & here) for before, here in pairwise(expected))]
    came = [{one for one in range(200) if begin < days[one][0] <= end} for begin, end in pairwise([-1, *ends])]
    assert moved.new.tolist() == [len(here & new) for here, new in zip(expected, came, strict=True)]
    assert moved.tried_and_left.tolist() == [len(new - here) for here, new in zip(expected, came, strict=True)]


def test_customers_counted_some_at_a_time_add_up():
    customer, period = np.repeat(np.arange(100), 3), np.random.default_rng(1).integers(-2, 9, (100, 3))
    period.sort()
    known = np.arange(100) % 7 == 0

    whole = monthly(customer, period.ravel(), periods=8).movement(known)

    halves = [
        monthly(customer[:150], period[half].ravel(), 8, customers=50).movement(known[half])
        for half in (slice(50), slice(50, 100))
    ]
    added = Movement.together(halves)
    assert {name: of.tolist() for name, of in vars(added).items()} == {
        name: of.tolist() for name, of in vars(whole).items()
    }


def test_online_retail_months_come_out_cell_by_cell():
    customer, day = real.online_retail()
    month = real.months(day)
    ends = [date((m + 1) // 12, (m + 1) % 12 + 1, 1).toordinal() - 1 for m in range(month.min(), month.max() + 1)]

    by_month = monthly(customer, month - month.min(), len(ends)).movement()
    by_window = windowed(customer, day, ends, window=90).movement()

    for row in real.rows(real.HERE / "online_retail_sales_monthly_retention.csv.gz"):
        i = real.month(row["month"]) - month.min()
        assert counts(by_month, i) == [int(row[key]) for key in ("S", "E", "N", "overlap", "reactivated")]
        assert counts(by_window, i)[:3] == [int(row[key]) for key in ("S90", "E90", "N90")]
        assert percents(by_month, i) == [float(row["formula_retention_pct"]), float(row["overlap_retention_pct"])]
        assert percents(by_window, i) == [float(row["formula90_pct"]), float(row["overlap90_pct"])]


def counts(moved, i):
    return [moved.start[i], moved.end[i], moved.new[i], moved.kept[i], moved.returned[i]]


def percents(moved, i):
    return [round(100 * moved.classic[i], 2), round(100 * moved.strict[i], 2)]
