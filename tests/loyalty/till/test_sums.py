"""Whatever is in the basket: the quote is the charge, the lines are the total, nothing is below zero."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Order
from loyalty.discounts.rounding import digits
from loyalty.models import Account
from loyalty.points.checking import check
from loyalty.programme.settling import settle
from loyalty.till.asked import Asked, Item
from loyalty.till.holding import hold
from loyalty.till.quoting import quote
from loyalty.till.returning import preview, take_back
from loyalty.till.sold import plan
from shop.models import Setting
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.till.making import points, rule

EXAMPLES = settings(max_examples=10)


def amounts(currency):
    return st.integers(0, 20_000).map(lambda units: Decimal(units).scaleb(-digits(currency)))


def baskets(currency):
    quantity = st.one_of(st.integers(1, 7).map(Decimal), st.integers(2, 4000).map(lambda n: Decimal(n) / 1000))
    item = st.builds(Item, st.sampled_from("ABC"), st.sampled_from(["tea", "mugs"]), quantity, amounts(currency))
    return st.tuples(st.lists(item, min_size=1, max_size=5), amounts(currency), st.integers(0, 3000), st.integers(0, 9))


@pytest.fixture
def shop(ana, ada):
    """Ana may use two discounts as often as she likes, and earns."""

    def set_up(currency):
        Setting.put("shop.currency", currency, by=ada)
        unit = Decimal(1).scaleb(-digits(currency))
        Setting.put("till.point_value", unit, by=ada)
        rule()
        points(ana, 10**9)
        grant(ana, discount("Order", percent=13), uses=None)
        grant(ana, discount("Tea", lane="item", percent=7, categories=["tea"]), uses=None)
        grant(ana, discount("Strict", kind="amount", lane="shipping", amount=unit * 99), uses=None)
        return ana

    return set_up


@pytest.mark.slow
@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
def test_what_is_quoted_is_charged_and_what_comes_back_in_parts_is_all(shop, currency):
    ana = shop(currency)
    numbers = iter(range(10**6))

    @EXAMPLES
    @given(baskets(currency))
    def run(drawn):
        items, shipping, spend, part = drawn
        reference = f"H-{next(numbers)}"
        asked = Asked(tuple(items), "shop", reference, ana, shipping=shipping, points=spend)
        before = Account.objects.get().available
        quoted = quote(asked)
        checkout, _new = hold(asked, total=quoted.priced.to_pay)
        checkout.commit()
        order = Order.objects.get(reference=reference)

        assert order.total == checkout.to_pay == quoted.priced.to_pay == quoted.bill.sum("money") >= 0
        assert order.goods - order.discount + order.shipping == order.total
        assert sum(line.paid for line in order.lines.all()) + order.shipping == order.total
        assert all(value >= 0 for line in order.lines.all() for value in (line.paid, line.discount))
        assert settle(order) == quoted.earned.points

        line = plan(order)[part % len(items)]
        units = {line.position: max(line.quantity // 2, min(line.quantity, Decimal("0.001")))}
        told = [preview(order, units), take_back(order, units, key="1").told]
        assert told[0] == told[1]
        rest = take_back(order, None, key="2").told
        order.refresh_from_db()
        assert Decimal(told[1]["money"]) + Decimal(rest["money"]) == order.total == order.refunded
        assert told[1]["points_restored"] + rest["points_restored"] == quoted.points
        account = Account.objects.get()
        assert (account.available, account.pending, account.held, account.debt) == (before, 0, 0, 0)

    run()
    assert check().differences == []
