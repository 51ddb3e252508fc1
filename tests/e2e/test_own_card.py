"""The customer's own card in a browser without scripts: from the mail to the card, an answer, and the way out."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from crm.contact import links
from crm.models import Message
from loyalty.models import Grant, Reward
from loyalty.programme.referrals import code_of
from loyalty.programme.rewards import offer
from loyalty.programme.tiers import look
from tests import build
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.programme.making import scheme
from tests.loyalty.till.making import days, points, rule

EMAIL = "ana@people.example"
LONG = "Najdowcipniejszakonstantynopolitańczykowianeczka"
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CHECK = {"preload": False, "iframes": False, "resultTypes": ["violations"], "runOnly": WCAG}
SCRIPTLESS = pytest.mark.browser_context_args(java_script_enabled=False, locale="en")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rich(ana):
    rule(referral_inviter=200, referral_invited=100)
    scheme()
    order = build.order(ana, reference="1001")
    points(ana, 1240, expires_at=days(40))
    points(ana, 61, available_at=days(10))
    grant(ana, discount(minimum=20, maximum=8), code="TW4K9PXM7QH")
    grant(ana, discount("Used up but for one", minimum=30), expires_at=days(3))
    offer(Reward(name=f"Five off for {LONG}", kind="amount", amount=5, cost=300))
    build.complaint(ana, kind="delivery", order=order)
    build.invitation(ana, build.survey(), due_at=days(-1))
    code_of(ana)
    look([ana.pk])
    return ana


def opened(page, live_server, customer):
    """From the mail: one button."""
    page.goto(live_server.url + urlsplit(links.card(customer, EMAIL)).path)
    page.locator("main .button--primary").press("Enter")
    return page


@SCRIPTLESS
def test_it_is_opened_read_and_closed_without_scripts(rich, page, live_server):
    opened(page, live_server, rich)
    expect(page.get_by_role("heading", name="Hello Ana")).to_be_visible()
    expect(page.get_by_text("TW4K-9PXM-7QH")).to_be_visible()
    expect(page.get_by_role("img", name="Your card, number")).to_be_visible()

    page.get_by_role("link", name="Change what I allow").press("Enter")
    page.locator("input[value=profiling]").uncheck()
    page.locator("main form .button--primary").press("Enter")
    page.get_by_role("link", name="Back to my card").press("Enter")
    expect(page.locator("li", has_text="Advice that fits me")).to_contain_text("No")
    rich.refresh_from_db()
    assert rich.unprofiled_since is not None

    card = page.url
    page.get_by_role("button", name="Close my card").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your card is closed.")
    page.goto(card)
    expect(page.get_by_role("heading", name="This link is over")).to_be_visible()
    page.get_by_role("link", name="Send me a new link").press("Enter")
    expect(page.get_by_label("My e-mail")).to_be_visible()


@SCRIPTLESS
def test_from_the_card_to_the_survey_without_scripts(rich, page, live_server):
    opened(page, live_server, rich)

    page.get_by_role("button", name="Answer").press("Enter")

    expect(page.get_by_role("radio", name="10")).to_be_attached()


@SCRIPTLESS
def test_the_link_is_asked_for_by_e_mail_without_scripts(ana, page, live_server):
    page.goto(live_server.url + "/me/")
    page.get_by_label("My e-mail").fill("nobody@people.example")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("If we know this address")
    assert not Message.objects.exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_the_card_is_open_to_everybody_with_much_with_nothing_and_with_a_long_name(
    rich, page, live_server, theme, width
):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    nobody = build.customer("", email=EMAIL)
    long = build.customer(f"{LONG} {LONG}", email=EMAIL)
    Grant.objects.filter(customer=rich, code=None).update(taken=1, expires_at=timezone.now())
    for customer, language in ((rich, "pl"), (nobody, "ru"), (long, "uk")):
        opened(page, live_server, customer)
        page.goto(f"{page.url.partition('?')[0]}?lang={language}")
        assert Axe().run(page, options=CHECK).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    for path in ("/me/", "/me/open/over/"):
        page.goto(live_server.url + path)
        assert Axe().run(page, options=CHECK).response["violations"] == []
