"""The main job in a real browser, and every page of it in two languages, two themes and two widths."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from analytics.models import Scores
from tests.e2e.demo import demo_shop, piece_of_the_orders

__all__ = ["demo_shop", "piece_of_the_orders"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_mira_finds_who_is_slipping_away_rings_and_does_what_was_promised(demo_shop, mira, page, live_server):
    page.goto(live_server.url)
    page.get_by_label("E-mail").fill(mira.email)
    page.get_by_label("Password").fill("a long password")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Mira")

    page.wait_for_load_state()  # the scripts hear keys only now
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page).to_have_url(re.compile("/at-risk/"))
    page.wait_for_load_state()
    page.keyboard.press("j")
    name = page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)
    page.wait_for_load_state()
    expect(page.locator("#why")).to_contain_text("Usually buys every")

    log_a_call(page, "Was away for two months.", then="Send the new price list")
    expect(page.locator(".timeline")).to_contain_text("Was away for two months.")
    expect(page.locator("#tasks")).to_contain_text("Send the new price list")

    page.keyboard.press("g")
    page.keyboard.press("t")
    mine = page.locator("li", has_text="Send the new price list")
    expect(mine).to_contain_text(name)
    mine.get_by_role("button").press("Enter")
    expect(page.locator(".toast")).to_contain_text("“Send the new price list” is done.")
    expect(mine).to_have_count(0)


def log_a_call(page, said, then):
    """With the keyboard alone."""
    page.get_by_role("link", name="Log a call").press("Enter")
    page.locator("#composer-text").focus()
    page.keyboard.type(said)
    page.get_by_text("Follow up").press("Enter")
    page.get_by_label("What", exact=True).fill(then)
    page.get_by_label("Due", exact=True).fill(timezone.localdate().isoformat())
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer-text")).to_have_value("")


# Between them the two languages see every page in both themes at both widths.
LOOKS = {"en": ((1440, "light"), (390, "dark")), "pl": ((1440, "dark"), (390, "light"))}
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.mark.browser_context_args(bypass_csp=True)  # the checker writes inline styles of its own
@pytest.mark.parametrize("language", LOOKS)
def test_no_page_of_a_living_shop_has_a_fault_of_access_or_scrolls_sideways(demo_shop, ada, staff_page, page, language):
    ada.language = language
    ada.save(update_fields=["language"])
    faults = {}

    for width, scheme in LOOKS[language]:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for path in pages(demo_shop):
            staff_page(ada, path, width=width, height=900)
            page.wait_for_load_state("networkidle")
            if found := faults_of(page):
                faults[path, width, scheme] = found

    assert faults == {}


def pages(order_import):
    today = timezone.localdate()
    scores = Scores.objects.at_risk(today).order_by("-at_stake")[0]
    return [
        "/",
        "/at-risk/",
        "/at-risk/?list=second_due",
        "/retention/",
        f"/retention/customers/?who=active&month={today:%Y-%m}",
        f"/customers/{scores.customer_id}/",
        "/customers/?state=at_risk&orders=2..&edit=owner",
        "/tasks/?whose=all",
        "/import/",
        f"/import/{order_import.pk}/",
        "/settings/analytics/",
        "/settings/staff/",
    ]


def faults_of(page):
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    seen = Axe().run(page, options={"preload": False, "runOnly": WCAG}).response["violations"]
    found = [(fault["id"], fault["nodes"][0]["target"]) for fault in seen]
    return found + ([f"{wide} px too wide"] if wide > 0 else [])
