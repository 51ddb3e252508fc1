import numpy as np
import pytest

from analytics.lifetime.purchases import Summary


def test_purchase_days_become_repeats_weeks_to_the_last_and_weeks_to_today():
    customer, day = [0, 0, 0, 1, 2, 2], [10, 17, 31, 24, 10, 38]

    summary = Summary.of_purchase_days(customer, day, as_of=45)

    assert summary.x.tolist() == [2, 0, 1]
    assert summary.t_x.tolist() == [3, 0, 4]
    assert summary.T.tolist() == [5, 3, 5]
    assert np.exp(summary.log_gaps) == pytest.approx([1 * 2, 1, 4])


def test_equal_histories_are_one_group_and_each_row_knows_its_group():
    summary = Summary.of([1, 0, 1, 1], [2, 0, 2, 2], [5, 5, 5, 6], log_gaps=[1, 0, 2, 4])

    groups, group = summary.grouped()

    assert list(zip(groups.x, groups.t_x, groups.T, groups.count, strict=True)) == [
        (0, 0, 5, 1),
        (1, 2, 5, 2),
        (1, 2, 6, 1),
    ]
    assert group.tolist() == [1, 0, 1, 2]
    assert groups.log_gaps.tolist() == [0, 3, 4]


def test_groups_of_groups_keep_the_number_of_customers():
    once, _ = Summary.of([1, 1, 0], [2, 2, 0], [5, 5, 5]).grouped()

    twice, _ = once.grouped()

    assert twice.count.tolist() == [1, 2]


def test_no_purchases_at_all_are_an_empty_summary():
    summary = Summary.of_purchase_days([], [], as_of=45)

    assert len(summary) == 0
    assert summary.customers == 0


@pytest.mark.parametrize(
    ("customer", "day"),
    [
        ([0, 0], [20, 10]),
        ([0, 0], [10, 10]),
        ([1, 0], [10, 10]),
        ([0, 2], [10, 10]),
        ([1], [10]),
        ([0], [50]),
        ([0, 1, 0], [10, 10, 12]),
    ],
)
def test_unsorted_repeated_or_future_days_are_refused(customer, day):
    with pytest.raises(ValueError, match=r"\."):
        Summary.of_purchase_days(customer, day, as_of=45)


@pytest.mark.parametrize(("x", "t_x", "T"), [(-1, 0, 5), (1, 6, 5), (1, np.nan, 5), (1, 2, np.inf)])
def test_impossible_histories_are_refused(x, t_x, T):
    with pytest.raises(ValueError, match="history"):
        Summary.of(x, t_x, T)


@pytest.mark.parametrize("days", [1, 1.5], ids=["whole days", "parts of days"])
def test_groups_are_sorted_by_all_three_and_each_row_finds_its_own(days):
    random = np.random.default_rng(3)
    x, seen = random.integers(0, 4, 500), random.integers(0, 6, 500)
    rows = Summary.of(x, seen * days / 7, (seen + random.integers(0, 5, 500)) * days / 7)

    groups, group = rows.grouped()

    told = [*zip(groups.x, groups.t_x, groups.T, strict=True)]
    assert told == sorted(set(told))
    assert [told[number] for number in group] == [*zip(rows.x, rows.t_x, rows.T, strict=True)]
    assert groups.customers == 500
