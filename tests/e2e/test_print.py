"""The card and a report on paper: what is read stays, what is pressed goes, and nothing is cut off at the side."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from tests import build
from tests.e2e.demo import demo_shop, piece_of_the_orders
from tests.e2e.settling import settle

__all__ = ["demo_shop", "piece_of_the_orders"]

pytestmark = pytest.mark.django_db(transaction=True)
PAPER = {"width": 703, "height": 1017}  # A4 without its margins, at 96 to the inch


def on_paper(page):
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_card_is_printed_without_what_is_pressed(staff_page, ana, sam):
    build.task(sam, "Send two new lanterns", customer=ana)
    build.note(ana, "Two lanterns came broken.", by=sam)
    page = staff_page(sam, ana.get_absolute_url(), width=1440, height=900)

    on_paper(page)

    for words in ("Ana Lindqvist", "ana@people.example", "Two lanterns came broken.", "Send two new lanterns"):
        expect(page.get_by_text(words).first).to_be_visible()
    for pressed in (".nav", ".composer", ".timeline__filter", ".button"):
        assert page.locator(f"{pressed}:visible").count() == 0, pressed


def test_a_report_is_printed_without_what_is_pressed(staff_page, mira):
    page = staff_page(mira, "/team/", width=1440, height=900)

    on_paper(page)

    expect(page.locator("h1")).to_be_visible()
    assert page.locator(".nav:visible, .button:visible").count() == 0


def test_nothing_of_the_reports_is_cut_off_at_the_side(demo_shop, staff_page, mira):
    page = staff_page(mira, "/retention/", width=1440, height=900)
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    wide = {}

    for path in ("/retention/", "/retention/groups/", "/retention/value/", "/at-risk/", "/customers/"):
        page.goto(urljoin(page.url, path))
        settle(page)
        wide[path] = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert wide == dict.fromkeys(wide, 0)
