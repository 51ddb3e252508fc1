import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PAGES = ["/", "/customers/", "/profile/", "/settings/"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_command_box_finds_a_person_and_a_page(ana, mira, staff_page):
    page = staff_page(mira)

    page.keyboard.press("Control+k")
    page.keyboard.type("lindqv")
    expect(page.locator("#found [role=option]").first).to_contain_text("Ana Lindqvist")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(rf"/customers/{ana.pk}/"))


def test_pages_in_the_command_box_are_filtered_by_what_is_typed(mira, staff_page):
    page = staff_page(mira)

    page.keyboard.press("Control+k")
    page.keyboard.type("custom")

    expect(page.locator(".command__pages [role=option]:visible")).to_have_count(1)


def test_keys_walk_a_list_and_open_a_row(ana, ben, mira, staff_page):
    page = staff_page(mira, "/customers/")
    names = page.locator(".list__name").all_inner_texts()

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_have_text(names[1])
    page.keyboard.press("k")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_contain_text(names[0])


def test_letters_typed_into_an_input_are_only_letters(mira, staff_page):
    page = staff_page(mira, "/customers/")
    search = page.locator("main input[type=search]").first

    search.focus()
    page.keyboard.type("gc?x")

    expect(search).to_have_value("gc?x")
    expect(page.locator("#keys")).to_be_hidden()


def test_g_and_a_letter_goes_and_the_question_mark_tells(mira, staff_page):
    page = staff_page(mira)

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")

    expect(page).to_have_url(re.compile("/customers/"))


def test_a_toast_is_text_and_offers_undo_only_where_there_is_one(mira, staff_page):
    page = staff_page(mira)

    page.evaluate(
        """document.body.dispatchEvent(new CustomEvent("toast", {detail: {toasts:
           [{text: "<b>Tagged</b>", undo: "/undo/"}, {text: "Saved"}]}}))"""
    )

    expect(page.locator(".toast")).to_have_count(2)
    expect(page.locator(".toast").first).to_contain_text("<b>Tagged</b>")
    expect(page.locator(".toast form")).to_have_count(1)


def test_a_letter_alone_goes_nowhere_however_early_it_is_pressed(mira, staff_page):
    page = staff_page(mira)

    page.evaluate("""document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "a", bubbles: true}))""")
    page.evaluate("""document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "c", bubbles: true}))""")

    page.wait_for_load_state("networkidle")
    assert page.url.endswith("/")


def test_a_request_that_fails_says_so(mira, staff_page):
    page = staff_page(mira)

    page.route("**/find/**", lambda route: route.abort())
    page.keyboard.press("Control+k")
    page.keyboard.type("ana")

    expect(page.locator(".toast__text").first).to_contain_text("did not reach us")


@pytest.mark.browser_context_args(bypass_csp=True)  # the checker writes inline styles of its own
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_accessibility_fault_and_do_not_scroll_sideways(ana, ada, staff_page, page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    faults = {}

    for path in PAGES:
        staff_page(ada, path, width=width, height=900)
        found = [fault["id"] for fault in Axe().run(page, options={"preload": False}).response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if found or wide > 0:
            faults[path] = (found, wide)

    assert faults == {}


def test_no_page_asks_another_host(ada, staff_page, page, live_server):
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    for path in PAGES:
        staff_page(ada, path)

    assert [url for url in asked if not url.startswith(live_server.url)] == []
