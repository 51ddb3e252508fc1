"""Five thousand baskets, without a database: the quote is the charge, the lines are the total, all parts of a return
are what was paid, and nothing is below zero; in currencies of no, two and three digits.

A basket is made from one number, which a failure names: `one_basket(number)` does it again.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.discounts.basket import LANES, Basket, Goods, PointsToPay
from loyalty.discounts.pricing import price
from loyalty.discounts.rounding import digits, of_units, quantised
from loyalty.till.asked import Asked, Item
from loyalty.till.committing import amounts, lines
from loyalty.till.paying import Bill
from tests.loyalty.discounts.making import NOON, offer

CURRENCIES = ["JPY", "EUR", "KWD"]
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def thousandths(chance, least, most):
    return Decimal(chance.randint(least, most)) / 1000


def an_item(chance, currency):
    quantity = Decimal(chance.randint(1, 9)) if chance.random() < 0.5 else thousandths(chance, 1, 5000)
    unit_price = Decimal(chance.randint(0, 20_000)).scaleb(-digits(currency))
    return Item(chance.choice("ABCDEF"), chance.choice("ABCDEF"), quantity, unit_price)


def some(chance):
    return frozenset(chance.sample("ABCDEF", chance.choice([0, 0, 0, 1, 2])))


def an_offer(number, chance):
    kind = chance.choice(["percent", "percent", "amount", "free_item", "free_shipping", "fixed_price"])
    lane = {"free_item": "item", "fixed_price": "item", "free_shipping": "shipping"}.get(kind)
    return offer(
        number,
        kind=kind,
        lane=lane or chance.choice(LANES),
        percent=thousandths(chance, 1, 100_000),
        amount=thousandths(chance, 1, 99_999),
        goods=Goods(*(some(chance) for _ in range(4))),
        minimum=thousandths(chance, 0, chance.choice([0, 50_000])),
        maximum=chance.choice([None, thousandths(chance, 1, 20_000)]),
        exclusive=chance.random() < 0.2,
        budget=chance.choice([None, 1, 2]),
        budget_left=thousandths(chance, 0, 50_000),
        expires_at=chance.choice([None, LATER]),
    )


def one_basket(number):
    chance = Random(number)
    currency = chance.choice(CURRENCIES)
    items = tuple(an_item(chance, currency) for _ in range(chance.randint(1, 8)))
    shipping = Decimal(chance.randint(0, 5000)).scaleb(-digits(currency))
    asked = Asked(items, "shop", shipping=shipping)
    value = chance.choice([Decimal("0.013"), Decimal("0.01"), Decimal("0.5"), Decimal(3)])
    paying = PointsToPay(chance.choice([0, chance.randint(1, 9999)]), value)
    offers = [an_offer(n, chance) for n in range(chance.randint(0, 8))]
    return chance, asked.basket(currency), items, offers, paying


def holds_true(number):
    chance, basket, items, offers, paying = one_basket(number)
    quote = price(basket, offers, at=NOON, points=paying)
    again = price(basket, list(reversed(offers)), at=NOON, points=paying)
    assert (quote.total, quote.to_pay, quote.points) == (again.total, again.to_pay, again.points)
    spent_of_budgets(quote, offers)

    kept = Bill.read(json.loads(json.dumps(Bill.of(quote, items).to_json())))  # as a hold keeps it
    charged_is(kept, quote.to_pay, basket)
    fewer = kept.with_points(chance.randint(0, quote.points), paying.value, basket.currency)
    charged_is(fewer, quote.total - fewer.sum("by_points"), basket)
    assert fewer.sum("discount") == quote.discount
    comes_back_whole(fewer, chance, basket.currency)


def spent_of_budgets(quote, offers):
    for budget in (1, 2):
        spent = sum(one.amount for one in quote.applied if one.offer.budget == budget)
        assert spent <= max((one.budget_left for one in offers if one.budget == budget), default=0)


def charged_is(bill: Bill, to_pay: Decimal, basket: Basket) -> None:
    order, sold = amounts(bill), lines(bill)
    assert order["total"] == to_pay == bill.sum("money") >= 0
    assert order["goods"] - order["discount"] + order["shipping"] == order["total"]
    assert sum((line.paid for line in sold), Decimal(0)) + order["shipping"] == order["total"]
    for part in bill.parts:
        assert min(part.full, part.discount, part.by_points, part.total, part.money) >= 0
        assert all(value == quantised(value, basket.currency) for value in (part.full, part.discount, part.by_points))


def comes_back_whole(bill, chance, currency):
    """In one part, in some, or gram by gram: for money, and for what points paid."""
    for part in bill.parts:
        quantity, before, back = part.item.quantity, Decimal(0), [Decimal(0), Decimal(0)]
        while before < quantity:
            units = min(thousandths(chance, 1, 3000), quantity - before)
            for at, whole in enumerate((part.money, part.by_points)):
                share = of_units(whole, quantity, before, units, currency)
                assert share >= 0
                back[at] += share
            before += units
        assert back == [part.money, part.by_points]


numbers = st.integers(0, 2**63)


@settings(max_examples=300)
@given(numbers)
def test_whatever_is_bought_the_quote_is_the_charge_and_all_of_it_can_come_back(number):
    holds_true(number)


@pytest.mark.slow
@settings(max_examples=5000)
@given(numbers)
def test_five_thousand_baskets_are_charged_as_quoted_and_come_back_whole(number):
    holds_true(number)
