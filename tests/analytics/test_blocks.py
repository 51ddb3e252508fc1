"""Looked at some customers at a time, purchase days tell the same as all at once."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics import gaps, triangle
from analytics.purchases import reading
from analytics.purchases.reading import Purchases, blocks, rows_between

SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=30)


def customers(sizes, kind=np.int32):
    return np.repeat(np.arange(len(sizes), dtype=kind), sizes)


@given(sizes=SIZES, most=st.integers(1, 12))
def test_a_block_holds_whole_customers_and_all_blocks_hold_everybody(sizes, most):
    customer = customers(sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK", most)
        found = list(blocks(customer))

    assert np.concatenate([customer[rows] for rows in found]).tolist() == customer.tolist()
    assert all(customer[rows.stop - 1] != customer[rows.stop] for rows in found[:-1])


def test_nobody_is_in_no_block():
    assert list(blocks(np.zeros(0, dtype=np.int32))) == []


@given(sizes=SIZES, most=st.integers(1, 12), seed=st.integers(0, 999))
def test_cohorts_and_gaps_are_the_same_in_blocks_of_any_size(sizes, most, seed):
    customer, random = customers(sizes), np.random.default_rng(seed)
    day = np.concatenate([np.sort(random.choice(400, size, replace=False)) for size in sizes]).astype(np.int32)
    whole = triangle.triangle(customer, day // 30, 12), gaps.gap_curve(customer, day, 400)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK", most)
        cut = triangle.triangle(customer, day // 30, 12), gaps.gap_curve(customer, day, 400)

    for name in ("cohorts", "sizes", "bought", "rolling", "cumulative", "complete"):
        np.testing.assert_array_equal(getattr(cut[0], name), getattr(whole[0], name))
    np.testing.assert_allclose(cut[1].back, whole[1].back, rtol=1e-12)
    np.testing.assert_allclose(cut[1].at_risk, whole[1].at_risk, rtol=1e-12)
    assert (cut[1].completed, cut[1].customers) == (whole[1].completed, whole[1].customers)


@given(sizes=SIZES, size=st.integers(1, 9))
def test_parts_put_together_are_everybody(sizes, size):
    index = customers(sizes)
    rows = np.arange(index.size)
    whole = Purchases(np.arange(len(sizes)) * 7, index, rows, rows, rows)

    together = Purchases.together(list(whole.parts(size)))

    for name in ("customers", "index", "day", "orders", "net"):
        assert getattr(together, name).tolist() == getattr(whole, name).tolist()


def test_the_rows_of_some_customers_are_found_without_copying_the_others():
    index = customers([10] * 100_000)
    tracemalloc.start()

    found = rows_between(index, 1, 3)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (found, most < index.nbytes / 100) == (slice(10, 30), True)
