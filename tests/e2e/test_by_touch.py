"""A support agent away from the desk: a phone, a thumb, and no keys."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from crm.models import Complaint, Note

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(new_context, live_server, sam):
    """Sam's, signed in. A script error or a refused request fails the test at its end."""
    context = new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    signed_in = Client()
    signed_in.force_login(sam)
    cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("response", lambda answer: errors.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.goto(live_server.url)
    yield page
    assert errors == []


def fits(page):
    """Nothing has to be pushed sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_somebody_is_found_a_note_kept_and_a_complaint_brought_to_its_end(phone, ana, ben):
    _find(phone, "900142")
    expect(phone.locator("h1")).to_have_text("Ana Lindqvist")
    fits(phone)

    phone.locator("#composer-text").tap()
    phone.locator("#composer-text").fill("Two lanterns came broken.")
    phone.locator(".composer").get_by_role("button", name="Log it").tap()
    expect(phone.locator(".timeline")).to_contain_text("Two lanterns came broken.")
    assert Note.objects.get().customer == ana

    _open_complaint(phone, "Two lanterns broken")
    fits(phone)
    _to_its_end(phone)
    assert Complaint.objects.get(customer=ana).stage == "closed"


def _find(phone, words):
    phone.get_by_role("link", name="Customers").first.tap()
    phone.locator(".chips__search input").tap()
    phone.locator(".chips__search input").fill(words)
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(re.compile("q="))
    expect(phone.locator(".list__name")).to_have_count(1)
    phone.locator(".list__name").tap()


def _open_complaint(phone, title):
    phone.locator(".card__actions").get_by_role("link", name="Complaint").tap()
    phone.locator("input[name=title]").fill(title)
    phone.get_by_role("button", name="Open the complaint").tap()
    expect(phone.locator("h1")).to_have_text(title)


def _to_its_end(phone):
    for step in ("They have an answer", "I am on it"):
        _tap_away(phone, step)
    phone.locator("#move [name=outcome]").fill("Two new ones went out by post.")
    _tap_away(phone, "It is solved")
    for step in ("The customer knows", "Close it"):
        _tap_away(phone, step)


def _tap_away(phone, step):
    phone.get_by_role("button", name=step).tap()
    expect(phone.get_by_role("button", name=step)).to_have_count(0)
