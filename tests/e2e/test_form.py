"""The form in a real browser: by touch, by keyboard, without scripts; small, and open to everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from feedback.answering import tokens
from feedback.models import Response
from feedback.surveys import ready
from tests import build

PHONE = {"width": 390, "height": 664}
LONG = "Najdowcipniejszakonstantynopolitańczykowianeczka"
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CHECK = {"preload": False, "iframes": False, "resultTypes": ["violations"], "runOnly": WCAG}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_is_too_fast(monkeypatch):
    monkeypatch.setattr("feedback.answering.guard.LEAST", -1)


@pytest.fixture
def link(ana, live_server):
    build.identifier(ana, "phone", "+48600100242")
    survey = build.survey("nps", names="choice")
    return live_server.url + tokens.form_url(tokens.issue(build.invitation(ana, survey)), whole=False)


def touch(page, link):
    page.goto(link)
    page.locator(".rating__step", has_text="9").tap()
    page.get_by_label("Why?").tap()
    page.get_by_label("Why?").fill("All of it.")
    page.get_by_role("button", name="Send").tap()


def keyboard(page, link):
    """One stop for the scale, arrows inside it."""
    page.goto(f"{link}?score=8")
    page.locator("input[value='8']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[value='9']")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("All of it.")
    for _stop in ("call me", "without my name", "send"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.browser_context_args(viewport=PHONE, has_touch=True, is_mobile=True, locale="en")
def test_it_is_filled_in_by_touch_with_the_whole_score_in_the_first_view(page, link):
    with page.expect_response("**/opened/"):  # the script has seen it before somebody's eyes
        page.goto(link)
    ends = page.locator(".rating__ends").bounding_box()
    assert ends["y"] + ends["height"] <= PHONE["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    plain = page.locator(".rating__step").evaluate_all(
        "steps => new Set(steps.map(s => getComputedStyle(s).color)).size"
    )
    assert plain == 1, "no colour before something is chosen"

    touch(page, link)

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert (Response.objects.get().score, Response.objects.get().comment) == (9, "All of it.")
    page.go_back()
    expect(page.get_by_role("heading", name="You have answered already")).to_be_visible()


@pytest.mark.browser_context_args(viewport=PHONE, locale="en")
def test_it_is_filled_in_by_keyboard(page, link):
    keyboard(page, link)

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert (Response.objects.get().score, Response.objects.get().comment) == (9, "All of it.")


@pytest.mark.browser_context_args(viewport=PHONE, java_script_enabled=False, locale="en")
def test_and_by_keyboard_without_scripts(page, link):
    keyboard(page, link)

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert (Response.objects.get().score, Response.objects.get().comment) == (9, "All of it.")


def in_polish(page, link):
    page.goto(f"{link}?score=8")
    page.get_by_label("Why?").fill("All of it.")
    page.get_by_role("button", name="Polski").click()
    expect(page.locator("input[value='8']")).to_be_checked()
    expect(page.get_by_label("Dlaczego?")).to_have_value("All of it.")
    page.locator("input[value='9']").focus()
    page.keyboard.press("ArrowRight")


@pytest.mark.browser_context_args(viewport=PHONE, locale="en")
def test_in_another_language_what_was_typed_stays_and_back_works(page, link):
    in_polish(page, link)
    expect(page.get_by_role("button", name="Polski")).to_have_attribute("aria-current", "true")
    page.locator("input[value='9']").focus()
    page.keyboard.press("Enter")  # sends it; it does not choose a language

    page.wait_for_url("**done=1")
    assert Response.objects.get().comment == "All of it."
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("?lang=pl")


@pytest.mark.browser_context_args(viewport=PHONE, java_script_enabled=False, locale="en")
def test_and_so_it_does_without_scripts(page, link):
    in_polish(page, link)
    page.keyboard.press("Enter")

    page.wait_for_url("**done=1")
    assert (Response.objects.get().language, Response.objects.get().comment) == ("pl", "All of it.")


@pytest.mark.browser_context_args(viewport=PHONE, locale="en")
def test_what_is_asked_and_promised_follows_the_choice(page, link):
    page.goto(link)
    expect(page.get_by_text("What went wrong?")).to_be_hidden()
    page.locator("input[value='3']").check(force=True)
    expect(page.get_by_text("What went wrong?")).to_be_visible()
    page.locator("input[value='9']").check(force=True)
    expect(page.locator(".asked__label", has_text="Why?")).to_be_visible()

    page.get_by_label("Without my name").check()

    expect(page.get_by_text("no name, no order")).to_be_visible()
    expect(page.get_by_text("your name stands beside")).to_be_hidden()
    expect(page.get_by_label("Please call me")).to_be_hidden()


@pytest.mark.browser_context_args(viewport=PHONE, bypass_csp=True)  # the checker writes inline styles of its own
def test_it_is_open_to_everybody_in_four_languages_and_both_themes(ana, page, live_server):
    survey = ready.make(ready.ready()["nps"], "nps")
    said = {"ask": f"{LONG}?", "choices": {"1": LONG, "2": "2"}}
    texts = dict.fromkeys(survey.draft.languages, said)
    survey.draft.ask("single", texts=texts, choices=[1, 2], branch="low")
    survey.draft.publish(by=None, actor="")
    survey.start(actor="")
    link = live_server.url + tokens.form_url(tokens.issue(build.invitation(ana, survey)), whole=False)
    faults = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for language in survey.version.languages:
            for score in ("", "3"):
                page.goto(f"{link}?lang={language}&score={score}")
                assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "long words wrap"
                seen = Axe().run(page, options=CHECK).response["violations"]
                if serious := [fault["id"] for fault in seen if fault["impact"] in ("serious", "critical")]:
                    faults[scheme, language, score] = serious

    assert len(survey.version.languages) == 4
    assert faults == {}
