"""A sale with points and a discount, and goods of it that come back, by keys alone."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from loyalty.models import Checkout, GoodsBack, Redemption
from tests.e2e.keyboard import Keyboard
from tests.loyalty.discounts.making import grant
from tests.loyalty.till.making import points, rule, sums

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keys(staff_page, sam, ana):
    """At the till, a customer with 300 points and 10% off."""
    rule()
    points(ana, 300)
    grant(ana)
    keys = Keyboard(staff_page(sam, "/till/"))
    keys.page.wait_for_load_state()  # the scripts hear keys only now
    return keys


def test_a_basket_is_scanned_paid_with_points_and_a_part_comes_back(keys, ana):
    page = keys.page
    scan_basket(keys, ana)

    keys.goes_to(page.get_by_label("Points to pay with"))
    keys.type("250")
    quote = page.locator(".till__quote")
    expect(quote).to_contain_text("Ana Lindqvist")
    expect(quote).to_contain_text("−£7.55")
    expect(quote).to_contain_text("£65.45")
    keys.chooses(page.locator("#pay"))

    paid = page.get_by_role("button", name="It is paid")
    keys.holds(paid)
    assert (sums(ana)[2], Checkout.objects.get().order) == (250, None)
    keys.press("Enter")
    keys.holds(page.get_by_role("link", name="Next customer"))
    assert (Checkout.objects.get().state, Redemption.objects.get().amount) == ("paid", Decimal("7.55"))
    give_one_back(keys)

    order = Checkout.objects.get().order
    assert (order.total, order.refunded) == (Decimal("65.45"), Decimal("26.01"))
    assert GoodsBack.objects.count() == 1
    assert sums(ana)[0] == 150  # 300 − 250 + 100 of them that had paid for one of two


def scan_basket(keys, customer):
    """A scanner types and ends with Enter; who works at the till goes on with Enter too."""
    page = keys.page
    keys.holds(page.get_by_label("Customer", exact=True))
    keys.type(customer.card_number)
    for row, (article, quantity, price) in enumerate([("CUP", "2", "30"), ("TIN", "1", "15.50")]):
        keys.press("Enter")
        keys.holds(page.get_by_label("Article", exact=True).nth(row))
        keys.type(article)
        keys.press("Enter", "Enter")  # past the category
        keys.holds(page.get_by_label("Quantity").nth(row))
        keys.type(quantity)
        keys.press("Enter")
        keys.type(price)
    keys.press("Enter")
    keys.holds(page.get_by_label("Article", exact=True).nth(2))


def give_one_back(keys):
    page = keys.page
    keys.chooses(page.get_by_role("link", name="Take goods back"))
    expect(page.locator("h1")).to_contain_text("What comes back")
    page.wait_for_load_state()
    keys.goes_to(page.locator(".till__back input").first)
    keys.type("1")
    told = page.locator("#told")
    expect(told).to_contain_text("Money to the customer")
    expect(told).to_contain_text("£26.01")
    expect(told).to_contain_text("+100")
    keys.chooses(page.locator("#book"))
    expect(page.locator(".toast").first).to_contain_text("Taken back. £26.01 goes to the customer.")
    expect(page.locator("h1")).to_have_text("Ana Lindqvist")
