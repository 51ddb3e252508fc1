"""What a basket costs: which offers win, why the others do not, and that the sums always fit."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.discounts import rounding
from loyalty.discounts.basket import LANES, Basket, Goods, Line, PointsToPay
from loyalty.discounts.pricing import price
from tests.loyalty.discounts.making import NOON, basket, offer


def priced(what, *offers, **more):
    return price(what, offers, at=NOON, **more)


def won(result):
    return [(one.offer.id, one.amount) for one in result.applied]


def refused(result):
    return {no.offer.id: no.code for no in result.refused}


def test_in_each_lane_the_best_wins_and_works_on_what_the_one_before_left():
    result = priced(
        basket("40.00", "10.00", shipping="5.00"),
        offer(1, lane="item", percent="50", goods=Goods(skus=frozenset("A"))),
        offer(2, lane="order", percent="10"),
        offer(3, lane="order", kind="amount", amount="2"),
        offer(4, lane="shipping", kind="free_shipping"),
    )

    assert won(result) == [(1, Decimal("20.00")), (2, Decimal("3.00")), (4, Decimal("5.00"))]
    assert refused(result) == {3: "beaten_by"}
    assert (result.full, result.discount, result.total) == (Decimal("55.00"), Decimal("28.00"), Decimal("27.00"))


def test_of_equal_ones_the_one_that_ends_earlier_wins_then_the_lower_number():
    soon, late = NOON + timedelta(days=1), NOON + timedelta(days=9)

    assert won(priced(basket("10"), offer(1), offer(2, expires_at=late), offer(3, expires_at=soon)))[0][0] == 3
    assert won(priced(basket("10"), offer(5), offer(4)))[0][0] == 4


def test_an_exclusive_one_wins_only_if_it_beats_the_combination_and_both_sums_are_said():
    what = basket("100.00", shipping="5.00")
    together = [offer(1, percent="10"), offer(2, lane="shipping", kind="free_shipping")]

    worse = priced(what, *together, offer(3, percent="15", exclusive=True))
    better = priced(what, *together, offer(3, percent="16", exclusive=True))

    assert won(worse) == [(1, 10), (2, 5)]
    assert refused(worse) == {3: "exclusive_conflict"}
    assert won(better) == [(3, 16)]
    assert refused(better) == {1: "exclusive_conflict", 2: "exclusive_conflict"}
    assert (better.comparison.alone, better.comparison.combined) == (16, 15)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("terms", "code", "missing"),
    [
        ({"yours": False}, "not_yours", None),
        ({"approved": False}, "needs_approval", None),
        ({"paused": True}, "paused", None),
        ({"starts_at": NOON + HOUR}, "not_started", None),
        ({"expires_at": NOON}, "expired", None),
        ({"uses_left": 0}, "used_up", None),
        ({"budget": 1, "budget_left": "0"}, "budget_empty", None),
        ({"goods": Goods(skus=frozenset({"Z"}))}, "excluded_items", None),
        ({"goods": Goods(not_categories=frozenset({"things"}))}, "excluded_items", None),
        ({"lane": "shipping"}, "excluded_items", None),
        ({"minimum": "25.50"}, "below_minimum", Decimal("5.50")),
    ],
)
def test_every_offer_that_is_not_applied_says_why(terms, code, missing):
    result = priced(basket("20.00"), offer(1, **terms))

    [no] = result.refused
    assert (no.code, no.missing, result.total) == (code, missing, 20)


def test_what_an_earlier_lane_left_nothing_for_is_beaten_by_it():
    result = priced(basket("20.00"), offer(1, lane="item", percent="100"), offer(2, lane="order"))

    [no] = result.refused
    assert (no.code, no.by.id, result.total) == ("beaten_by", 1, 0)


@pytest.mark.parametrize(
    ("terms", "amount", "clipped"),
    [
        ({"percent": "12.5"}, "3.75", ""),
        ({"percent": "50", "maximum": "4"}, "4.00", "maximum"),
        ({"kind": "amount", "amount": "99"}, "30.00", "goods"),
        ({"percent": "50", "budget": 7, "budget_left": "1.239"}, "1.23", "budget"),
        ({"kind": "free_item", "lane": "item"}, "20.00", ""),
        ({"kind": "fixed_price", "lane": "item", "amount": "6"}, "18.00", ""),
    ],
)
def test_each_kind_gives_what_its_terms_say(terms, amount, clipped):
    [one] = priced(basket("20.00", "10.00"), offer(1, **terms)).applied

    assert (one.amount, one.clipped, sum(one.lines)) == (Decimal(amount), clipped, Decimal(amount))


def test_two_offers_of_one_budget_share_what_is_left_of_it():
    result = priced(
        basket("20.00"),
        offer(1, lane="item", kind="amount", amount="4", budget=7, budget_left="5"),
        offer(2, lane="order", kind="amount", amount="4", budget=7, budget_left="5"),
    )

    assert won(result) == [(1, 4), (2, 1)]


def test_points_pay_what_discounts_left_and_no_more():
    result = priced(basket("9.99"), offer(1), points=PointsToPay(5000, Decimal("0.01")))

    assert (result.points, result.by_points, result.to_pay) == (899, Decimal("8.99"), 0)


def test_a_split_gives_the_odd_cent_to_the_largest_remainder_ties_in_order():
    assert rounding.split(100, [1, 1, 1]) == [34, 33, 33]
    assert rounding.split(5, [50, 25, 25]) == [3, 1, 1]
    assert rounding.split(1, [1, 2]) == [0, 1]


def test_half_of_a_minor_unit_goes_up_in_every_currency():
    half = ("0.5", "0.005", "0.0005")
    assert [rounding.quantised(Decimal(a), c) for a, c in zip(half, ("JPY", "EUR", "KWD"), strict=True)] == [
        Decimal(1),
        Decimal("0.01"),
        Decimal("0.001"),
    ]


# ---- Thousands of random baskets -------------------------------------------------------------------
names = st.sampled_from("ABCDEF")
some = st.frozensets(names, max_size=3)
cents = st.integers(0, 50_000)


@st.composite
def lines(draw):
    quantity = draw(st.one_of(st.integers(1, 9).map(Decimal), st.integers(1, 5000).map(lambda n: Decimal(n) / 1000)))
    return Line(draw(names), draw(names), quantity, Decimal(draw(st.integers(0, 99_999))) / 1000)


@st.composite
def offers(draw, number):
    kind = draw(st.sampled_from(["percent", "amount", "free_item", "free_shipping", "fixed_price"]))
    lane = {"free_item": "item", "fixed_price": "item", "free_shipping": "shipping"}.get(kind)
    return offer(
        number,
        kind=kind,
        lane=lane or draw(st.sampled_from(LANES)),
        percent=Decimal(draw(st.integers(1, 100_000))) / 1000,
        amount=Decimal(draw(st.integers(1, 99_999))) / 1000,
        goods=Goods(*(draw(some) for _ in range(4))),
        minimum=Decimal(draw(cents)) / 1000,
        maximum=draw(st.one_of(st.none(), st.integers(1, 20_000).map(lambda n: Decimal(n) / 1000))),
        exclusive=draw(st.booleans()),
        budget=draw(st.sampled_from([None, 1, 2])),
        budget_left=Decimal(draw(cents)) / 1000,
        expires_at=draw(st.sampled_from([None, datetime(2030, 1, 1, tzinfo=UTC)])),
    )


@st.composite
def cases(draw):
    currency = draw(st.sampled_from(["JPY", "EUR", "KWD"]))
    what = Basket(tuple(draw(st.lists(lines(), max_size=8))), Decimal(draw(cents)) / 1000, currency)
    return what, [draw(offers(n)) for n in range(draw(st.integers(0, 8)))]


def whole(amount, currency):
    return amount == rounding.quantised(amount, currency)


def sums_fit(what, given_offers, points):
    result = priced(what, *given_offers, points=points)
    same = priced(what, *reversed(given_offers), points=points)

    assert (won(result), result.total) == (won(same), same.total)  # a quote is what is charged, in whatever order
    assert sum(line.total for line in result.lines) + result.shipping.total == result.total
    assert result.full - result.discount == result.total >= 0
    assert all(0 <= line.discount <= line.full for line in (*result.lines, result.shipping))
    assert all(0 < one.amount <= one.desired for one in result.applied)
    assert all(sum(one.lines) + one.shipping == one.amount for one in result.applied)
    paid = (*result.lines, result.shipping)
    assert all(0 <= line.by_points <= line.total for line in paid)
    assert sum(line.by_points for line in paid) == result.by_points <= result.total
    assert all(whole(amount, what.currency) for line in paid for amount in (line.full, line.discount, line.by_points))
    applied, not_applied = [a.offer.id for a in result.applied], [no.offer.id for no in result.refused]
    assert sorted(applied + not_applied) == [one.id for one in given_offers]
    for budget in (1, 2):
        spent = sum(one.amount for one in result.applied if one.offer.budget == budget)
        assert spent <= max((o.budget_left for o in given_offers if o.budget == budget), default=spent)


a_price = given(cases(), st.one_of(st.none(), st.builds(PointsToPay, st.integers(0, 9999), st.just(Decimal("0.013")))))


@pytest.mark.slow
@settings(max_examples=200)
@a_price
def test_whatever_the_basket_the_sums_fit(case, points):
    sums_fit(*case, points)


def parts_add_up(currency, amount, quantity, cuts):
    amount = rounding.quantised(Decimal(amount) / 1000, currency)
    before, refunds = Decimal(0), []
    for cut in sorted({min(Decimal(cut) / 1000, quantity) for cut in cuts} | {quantity}):
        refunds.append(rounding.of_units(amount, quantity, before, cut - before, currency))
        before = cut
    assert sum(refunds) == amount
    assert all(refund >= 0 and whole(refund, currency) for refund in refunds)


a_return = given(
    st.sampled_from(["JPY", "EUR", "KWD"]),
    st.integers(0, 10_000_000),
    st.integers(1, 9_000).map(lambda n: Decimal(n) / 1000),
    st.lists(st.integers(1, 9_000), max_size=6),
)


@settings(max_examples=300)
@a_return
def test_refunds_in_any_parts_add_up_to_what_was_paid(currency, amount, quantity, cuts):
    parts_add_up(currency, amount, quantity, cuts)


@pytest.mark.slow
@settings(max_examples=5000)
@a_return
def test_five_thousand_returns_add_up(currency, amount, quantity, cuts):
    parts_add_up(currency, amount, quantity, cuts)


@settings(max_examples=60)
@given(cases())
def test_leaving_an_offer_out_never_makes_the_first_lane_better(case):
    what, given_offers = case
    item = [one for one in given_offers if one.lane == "item" and not one.exclusive]

    assert priced(what, *item).discount == max((priced(what, one).discount for one in item), default=0)
