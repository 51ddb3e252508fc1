"""The pages behind the links of a mail work in a browser that runs no scripts."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from crm.contact import links
from crm.models import Consent

EMAIL = "ana@people.example"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(java_script_enabled=False)]


def said():
    return {purpose: row.state for purpose, row in Consent.objects.current("email", EMAIL).items()}


def test_a_customer_chooses_what_we_may_write_about_without_scripts(ana, page, live_server):
    page.goto(live_server.url + urlsplit(links.preferences(ana, EMAIL)).path)
    page.locator("input[name=topic][value=offers]").check()
    page.locator("input[name=pause][value='30']").check()
    page.locator("main form .button--primary").press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Saved.")
    assert said()["offers"] == "given"
    assert ana.pauses.count() == 1


def test_a_customer_leaves_one_kind_of_mail_without_scripts(ana, page, live_server):
    page.goto(live_server.url + urlsplit(links.unsubscribe(ana, EMAIL, "offers")).path)
    assert said() == {}

    with page.expect_navigation():
        page.locator("main form .button--primary").first.press("Enter")

    assert said()["offers"] in {"withdrawn", "refused"}
