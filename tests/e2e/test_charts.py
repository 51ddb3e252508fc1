"""Charts by keys alone, and the menus of Retention on a phone."""

import pytest
from playwright.sync_api import expect

from analytics import recompute
from shop.models import Setting
from tests.analytics.shops import AS_OF, random_shop

pytestmark = pytest.mark.django_db(transaction=True)

STOPS = "drawing => [...drawing.querySelectorAll('.column, td > a')].filter(mark => mark.tabIndex === 0).length"


@pytest.fixture
def shop(db):
    Setting.put("analytics.active_days", 60)
    random_shop(90)
    recompute.full(AS_OF)


def test_a_chart_is_one_stop_and_the_arrows_go_from_mark_to_mark(shop, mira, staff_page):
    page = staff_page(mira, "/retention/curves/")
    drawing = page.locator(".chart__desk").first
    marks = drawing.locator(".column")
    expect(marks.first).to_have_attribute("tabindex", "0")
    assert drawing.evaluate(STOPS) == 1

    marks.first.focus()
    page.keyboard.press("ArrowRight")

    expect(marks.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(marks.last).to_be_focused()
    assert drawing.evaluate(STOPS) == 1


def test_in_a_coloured_table_the_arrows_go_up_and_down_too(shop, mira, staff_page):
    page = staff_page(mira, "/retention/cohorts/")
    table = page.locator("table.heat").first
    rows = table.locator("tbody tr")
    first, below = (rows.nth(n).locator("td > a").first for n in (0, 1))
    expect(first).to_have_attribute("tabindex", "0")
    assert table.evaluate(STOPS) == 1

    first.focus()
    page.keyboard.press("ArrowDown")
    expect(below).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()


def test_on_a_phone_the_menus_of_retention_are_folded_into_one(shop, mira, staff_page):
    page = staff_page(mira, "/retention/", width=390, height=844)
    whose = page.locator(".filters .menu summary", has_text="Everybody")
    expect(whose).not_to_be_visible()

    page.locator(".filters > summary").click()
    whose.click()
    page.get_by_role("link", name="Champion").click()

    expect(page.locator(".filters > summary")).to_contain_text("Champion")
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator(".filters .menu summary").first).to_be_visible()
    expect(page.locator(".filters > summary")).not_to_be_visible()
