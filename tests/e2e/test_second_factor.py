"""Switching the second factor on, and signing in with it, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from shop import totp
from shop.models import SecondFactor, Setting
from tests.e2e.test_pages_for_everybody import LOOKS, faults_of

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(secret):
    return totp.code(secret, totp.now())


def switch_on(page):
    secret = page.locator(".secret__text").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.get_by_label("Your password").fill("a long password")
    page.get_by_role("button", name="Switch the second factor on").click()
    expect(page.locator(".recovery li")).to_have_count(10)
    return secret


def sign_in(page, live_server, user):
    page.context.clear_cookies()
    page.goto(live_server.url + "/profile/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("a long password")
    page.keyboard.press("Enter")


def test_it_is_switched_on_and_asked_for_at_the_next_sign_in(page, live_server, staff_page, sam):
    staff_page(sam, "/profile/")
    page.get_by_role("link", name="Switch it on").click()
    secret = switch_on(page)
    SecondFactor.objects.update(last_step=0)  # as if half a minute had passed

    sign_in(page, live_server, sam)
    expect(page.get_by_label("Code that the app shows")).to_be_focused()
    page.keyboard.type("000 00x")
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 tries left")).to_be_visible()
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.keyboard.press("Enter")

    expect(page).to_have_url(live_server.url + "/profile/")
    expect(page.get_by_text("this one", exact=True)).to_be_visible()


def test_without_the_phone_a_recovery_code_opens(page, live_server, sam):
    codes = SecondFactor.switch_on(sam, secret := totp.new_secret(), code_of(secret))

    sign_in(page, live_server, sam)
    page.get_by_role("link", name=re.compile("recovery code")).click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.keyboard.press("Enter")

    expect(page).to_have_url(live_server.url + "/profile/")


def test_an_administrator_switches_it_on_before_anything_else(page, live_server, ada):
    Setting.put("staff.second_factor", True)

    sign_in(page, live_server, ada)
    switch_on(page)
    page.get_by_role("link", name="I have kept them").click()

    expect(page).to_have_url(live_server.url + "/profile/")


@pytest.mark.browser_context_args(bypass_csp=True)  # the checker writes inline styles of its own
def test_none_of_its_pages_has_a_serious_fault_of_access(page, live_server, staff_page, ada):
    faults = {}

    def look(name):
        for language, (width, scheme) in LOOKS.items():
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if found := faults_of(page):
                faults[name, language] = found

    staff_page(ada, "/profile/")
    staff_page(ada, "/profile/")  # so that there are two sessions
    look("profile")
    page.goto(live_server.url + "/profile/second-factor/")
    look("to be switched on")
    Setting.put("staff.second_factor", True)
    page.reload()
    look("to be switched on first")
    switch_on(page)
    look("recovery codes")
    page.goto(live_server.url + "/profile/second-factor/")
    look("on")
    sign_in(page, live_server, ada)
    expect(page.get_by_label("Code that the app shows")).to_be_focused()
    look("code")

    assert faults == {}
