import numpy as np
import pytest

from analytics.metrics import rfm
from analytics.metrics.rfm import NAMES, Borders

pytestmark = pytest.mark.filterwarnings("error")


def test_the_most_recent_fifth_is_r5_and_the_highest_spend_m5():
    days, spend = np.arange(1, 11), np.arange(10, 110, 10)

    borders = Borders.of(days, spend)

    assert borders.recency(days).tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert borders.money(spend).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_ties_are_never_parted():
    days = np.array([1, 1, 1, 1, 9, 9, 9, 20, 30, 40])

    assert Borders.of(days, days).recency(days).tolist() == [5, 5, 5, 5, 3, 3, 3, 2, 1, 1]


@pytest.mark.parametrize(("orders", "f"), [(0, 1), (1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (9, 4), (10, 5), (400, 5)])
def test_orders_fall_into_five_classes(orders, f):
    assert rfm.frequency([orders]).tolist() == [f]


def test_every_pair_has_the_name_of_the_table():
    r, f = np.repeat([5, 4, 3, 2, 1], 5), np.tile([1, 2, 3, 4, 5], 5)

    table = np.array(NAMES)[rfm.names(r, f)].reshape(5, 5).tolist()

    assert table == [
        ["new", "potential_loyal", "potential_loyal", "champion", "champion"],
        ["promising", "potential_loyal", "potential_loyal", "champion", "champion"],
        ["about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"],
        ["hibernating", "hibernating", "drifting", "drifting", "cannot_lose"],
        ["long_gone", "long_gone", "drifting", "drifting", "cannot_lose"],
    ]


def test_one_customer_scored_with_stored_borders_gets_what_the_whole_run_gave():
    rng = np.random.default_rng(1)
    days, spend = rng.integers(0, 400, 997), rng.gamma(1, 100, 997).round(2)
    whole = Borders.of(days, spend)

    stored = Borders.from_dict(whole.as_dict())

    assert [int(stored.recency([d])[0]) for d in days] == whole.recency(days).tolist()
    assert [int(stored.money([m])[0]) for m in spend] == whole.money(spend).tolist()


def test_an_order_after_the_stored_figures_is_the_most_recent():
    assert Borders.of([3, 8, 9], [1, 2, 3]).recency([-1]).tolist() == [5]


def test_a_shop_without_buyers_has_no_borders_and_no_error():
    borders = Borders.of([], [])

    assert borders.as_dict() == {"days": [], "spend": []}
    assert borders.recency([]).tolist() == []
