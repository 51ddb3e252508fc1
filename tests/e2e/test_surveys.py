"""A survey is taken, its questions are put in order by hand and by key, and it is sent: in a real browser."""

import pytest
from playwright.sync_api import expect

from feedback.models import Survey

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_survey_is_made_in_order_and_started(mira, staff_page):
    page = staff_page(mira, "/feedback/surveys/new/", width=1280, height=900)
    page.locator("button[value=csat]").click()
    rows = page.locator(".asked-row__what .list__name")
    expect(rows).to_have_text(["How satisfied are you with your order?", "Would you tell us why?"])

    page.locator("select[name=kind]").select_option("single")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("input[name=en-ask]").fill("Where from?")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Write at least two choices.")).to_be_focused()
    expect(page.locator("input[name=en-ask]")).to_have_value("Where from?")
    page.get_by_role("link", name="Leave").click()

    page.locator("select[name=kind]").select_option("yes_no")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("input[name$=-ask]").first).to_be_visible()
    for field in page.locator("input[name$=-ask]").all():
        field.fill("Was it on time?")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".phone__ask")).to_have_count(3)

    page.locator(".asked-row").nth(2).drag_to(page.locator(".asked-row").nth(0), target_position={"x": 200, "y": 4})
    expect(rows.first).to_have_text("Was it on time?")
    down = page.get_by_role("button", name="Was it on time?: further down")
    down.focus()
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_text("Was it on time?")
    expect(down).to_be_focused()

    page.get_by_role("link", name="Try it").click()
    page.locator(".rating__step", has_text="2").click()
    page.get_by_role("button", name="Send").click()  # of staff: the guard of their session asks where it came from
    expect(page.locator(".toast")).to_contain_text("It works.")

    page.get_by_role("button", name="Start it").click()
    expect(page.locator(".toast")).to_contain_text("After an order is sent from now on.")
    survey = Survey.objects.get()
    assert [one.name for one in survey.version.questions.all()] == ["score", "q1", "comment"]
    assert survey.is_running
