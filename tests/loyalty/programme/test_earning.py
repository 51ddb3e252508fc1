"""What an order earns, as a function: floored once, never a proportion of something rounded."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.programme.earning import Facts, Part, Terms, keep, points_for, written

POUND = Terms(points=Decimal(1), per=Decimal(1))
CENTS = st.decimals("0", "2000", places=3)
PARTS = st.lists(st.builds(Part, st.sampled_from(["tea", "tins", ""]), CENTS), max_size=12)
TERMS = st.builds(
    Terms,
    points=st.decimals("0", "20", places=3),
    per=st.decimals("0.001", "50", places=3),
    categories=st.dictionaries(st.sampled_from(["tea", "tins"]), st.decimals("0", "10", places=2)),
    tiers=st.dictionaries(st.sampled_from([1, 2]), st.decimals("0", "5", places=2)),
    birthday_factor=st.decimals("0", "5", places=2),
    first_order=st.integers(0, 500),
    minimum=st.decimals("0", "100", places=3),
)
FACTS = st.builds(Facts, tier=st.sampled_from([None, 1, 2]), first_order=st.booleans(), birthday=st.booleans())


def earned(*values, terms=POUND, facts=Facts()):  # noqa: B008
    return points_for([Part("", Decimal(value)) for value in values], terms, facts).points


def test_the_lines_are_summed_before_anything_is_rounded():
    assert earned("0.50", "0.50") == 1
    assert earned("19.99", "0.005", "0.005") == 20
    assert earned("19.99") == 19


def test_a_rate_that_is_no_decimal_stays_exact():
    three = Terms(points=Decimal(1), per=Decimal(3))

    assert earned("2.99", terms=three) == 0
    assert [earned("1.00", "1.00", "1.00", terms=three), earned("300", terms=three)] == [1, 100]


def test_a_category_a_tier_and_a_birthday_multiply():
    terms = Terms(
        points=Decimal(1),
        per=Decimal(1),
        categories={"tea": Decimal(2)},
        tiers={7: Decimal("1.5")},
        birthday_factor=Decimal(2),
    )
    lines = [Part("tea", Decimal("10.10")), Part("tins", Decimal("5"))]

    assert points_for(lines, terms, Facts()).points == 25
    assert points_for(lines, terms, Facts(tier=7)).points == 37
    assert points_for(lines, terms, Facts(tier=7, birthday=True)).points == 75


def test_the_first_order_brings_a_bonus_that_goes_with_the_goods():
    terms = Terms(points=Decimal(1), per=Decimal(1), first_order=50)
    first = Facts(first_order=True)

    assert earned("30", terms=terms, facts=first) == 80
    assert earned("0", terms=terms, facts=first) == 0


def test_an_order_below_the_smallest_earns_nothing():
    terms = Terms(points=Decimal(1), per=Decimal(1), minimum=Decimal(20))

    assert [earned("19.99", terms=terms), earned("10", "10", terms=terms)] == [0, 20]


def test_what_was_worked_out_stands_beside_the_points():
    earned = points_for([Part("tea", Decimal("9.99"))], POUND, Facts(tier=3))

    assert earned.exact == Fraction(999, 100)
    assert earned.snapshot["exact"] == "9.99"
    assert earned.snapshot["facts"] == {"tier": 3, "first_order": False, "birthday": False}


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(100, 3), "100/3"), (Fraction(1, 8), "0.125"), (Decimal("10.500"), "10.5"), (7, "7")]
)
def test_an_exact_value_is_written_exactly(value, text):
    assert written(value) == text


@given(PARTS, TERMS, FACTS)
def test_the_points_of_an_order_are_the_floor_of_the_sum_of_its_lines(parts, terms, facts):
    got = points_for(parts, terms, facts)

    each = [points_for([part], Terms(terms.points, terms.per, categories=terms.categories), Facts()) for part in parts]
    factor = Fraction(terms.tiers.get(facts.tier, 1)) * (Fraction(terms.birthday_factor) if facts.birthday else 1)
    goods = sum((Fraction(part.value) for part in parts), Fraction(0))
    counts = goods > 0 and goods >= Fraction(terms.minimum)
    bonus = terms.first_order if facts.first_order else 0
    assert got.exact == (sum((one.exact for one in each), Fraction(0)) * factor + bonus if counts else 0)
    assert got.points == floor(got.exact)


@given(PARTS, TERMS, FACTS, st.lists(CENTS, max_size=6))
def test_returned_in_any_parts_the_points_end_at_what_the_kept_earns(parts, terms, facts, returns):
    """After each return, reverse = earned so far - earn(what is kept): so only the end counts, not the way there."""
    goods = sum((part.value for part in parts), Decimal(0))
    so_far = points_for(parts, terms, facts).points
    for back in returns:
        goods = max(goods - back, Decimal(0))
        reverse = so_far - points_for(keep(parts, goods), terms, facts).points
        assert reverse >= 0
        so_far -= reverse

    assert so_far == points_for(keep(parts, goods), terms, facts).points
    assert so_far == 0 or goods > 0


@given(PARTS, TERMS, FACTS)
def test_all_of_it_back_leaves_nothing(parts, terms, facts):
    assert points_for(keep(parts, Decimal(0)), terms, facts).points == 0
