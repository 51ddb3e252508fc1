"""Long work on a page: its progress stays in sight while it runs, and what came of it stands there when it ends."""

import pytest
from playwright.sync_api import expect

from loyalty.points import keeping_watch
from shop.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_check_is_seen_under_way_and_its_result_follows_without_a_reload(ada, staff_page):
    page = staff_page(ada, "/points/")
    page.get_by_role("button", name="Look through it now").click()
    expect(page.locator("#check .job")).to_contain_text("Waiting for its turn")
    with page.expect_response("**/jobs/**"):  # it asks once a second
        pass
    expect(page.locator("#check .job")).to_contain_text("Waiting for its turn")

    keeping_watch.check_ledger(Job.objects.get().pk)

    expect(page.locator("#check")).to_contain_text("it does")
    expect(page.locator("#check").get_by_role("button", name="Look through it now")).to_be_visible()
