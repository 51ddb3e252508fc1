"""What is typed on a card is not lost, and is gone once it has been saved; "@" and the arrows name a colleague."""

import pytest
from playwright.sync_api import expect

from crm.models import Mention, Note
from tests.e2e.keyboard import Keyboard

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "Wants twenty tins before the fair."


@pytest.fixture
def keys(ana, sam, mira, ada, staff_page):
    page = staff_page(sam, f"/customers/{ana.pk}/")
    page.wait_for_load_state()
    keys = Keyboard(page)
    keys.press("l")
    expect(page.locator("#composer-text")).to_be_focused()
    return keys


def test_a_draft_outlives_a_lost_connection_and_a_reload_until_it_is_saved(keys):
    page = keys.page
    words = page.locator("#composer-text")

    page.context.set_offline(True)
    keys.type(SAID)
    keys.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("did not reach us")
    expect(words).to_have_value(SAID)
    page.context.set_offline(False)
    page.reload()
    expect(words).to_have_value(SAID)

    page.wait_for_load_state()
    keys.press("l", "Control+Enter")
    expect(page.locator(".timeline")).to_contain_text(SAID)
    expect(words).to_have_value("")
    page.reload()
    expect(words).to_have_value("")
    assert Note.objects.get().body == SAID


def test_a_draft_of_one_card_is_not_on_another(keys, ben, live_server):
    keys.type(SAID)
    keys.page.goto(f"{live_server.url}/customers/{ben.pk}/")
    keys.page.wait_for_load_state()

    expect(keys.page.locator("#composer-text")).to_have_value("")


def test_the_arrows_choose_whom_the_at_sign_names(keys):
    page = keys.page
    offered = page.locator("#composer-staff [role=option]:visible")

    keys.type("@")
    expect(offered).to_have_count(3)
    name = offered.nth(1).inner_text()
    keys.press("ArrowDown", "ArrowDown", "ArrowUp")
    expect(page.locator("#composer-staff [aria-selected=true]")).to_have_text(name)
    keys.press("Enter")
    expect(page.locator("#composer-text")).to_have_value(f"@{name} ")
    expect(offered).to_have_count(0)
    keys.type("please look")
    keys.press("Control+Enter")

    expect(page.locator(".timeline")).to_contain_text("please look")
    assert str(Mention.objects.get().user) == name


def test_leaving_the_offer_keeps_what_was_typed(keys):
    keys.type("@Mi")
    expect(keys.page.locator("#composer-staff")).to_be_visible()

    keys.press("Escape")

    expect(keys.page.locator("#composer-staff")).to_be_hidden()
    expect(keys.page.locator("#composer-text")).to_have_value("@Mi")
    expect(keys.page.locator("#composer-text")).to_be_focused()
