from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from shop.models import Setting
from tests import build
from tests.loyalty.till.making import rule


@time_machine.travel(datetime(2026, 12, 9, 8, 30, tzinfo=UTC), tick=False)
def test_today_greets_and_says_in_a_sentence_what_is_late(client, sam, mira, ana):
    build.task(sam, "Send a plate", due_in=-2, customer=ana)
    build.task(sam, "Ring back", due_in=0)
    build.task(sam, "Later", due_in=1)
    client.force_login(sam)

    page = client.get("/").content.decode()

    assert "Good morning, Sam" in page
    assert "Wednesday" in page
    assert "1 task is late, and 1 more for today." in page
    assert "Send a plate." in page
    assert "Later" not in page


def test_my_tasks_come_before_those_of_others(as_sam, sam, mira):
    build.task(mira, "Of Mira", due_in=-5)
    build.task(sam, "Of Sam", due_in=0)

    assert [task.title for task in as_sam.get("/").context["tasks"]] == ["Of Sam", "Of Mira"]


def test_an_empty_shop_is_told_the_first_steps_and_support_only_what_it_may(client, sam, ada):
    client.force_login(ada)
    page = client.get("/").content.decode()
    assert "Import orders" in page
    assert "Say what earns points" in page

    client.force_login(sam)
    page = client.get("/").content.decode()

    assert "Your manager can import them." in page
    assert "Make a key" not in page
    assert "Say what earns points" not in page


def test_an_empty_shop_begins_with_what_an_order_would_fix_and_ticks_what_is_done(client, ada, cleo):
    client.force_login(ada)
    before = client.get("/").content.decode()
    Setting.put("shop.name", "Fern and Sons")
    after = client.get("/").content.decode()

    first = 'step--now"><h2 class="checklist__title">Say what'
    assert first in before
    assert before.count("step--done") == 1, "somebody was written down by hand"
    assert "Import customers" in before
    assert first not in after
    assert after.count("step--done") == 2
    assert 'step--now"><h2 class="checklist__title">Import orders' in after


def test_the_first_steps_stay_until_each_is_done(as_administrator, as_sam, ana):
    Setting.put("shop.name", "Fern and Sons")
    first, colleague = as_administrator.get("/").content.decode(), as_sam.get("/").content.decode()
    rule()
    second = as_administrator.get("/").content.decode()
    build.survey()
    third = as_administrator.get("/").content.decode()

    assert 'step--now"><h2 class="checklist__title">Say what earns points' in first
    assert "checklist" not in colleague, "nothing of it is theirs"
    assert 'step--now"><h2 class="checklist__title">Ask what customers think' in second
    assert "checklist" not in third, "a key for programs is nobody's duty"


def test_the_first_steps_are_put_away_by_one_for_themselves_and_come_back_by_undo(as_administrator, as_manager, ana):
    away = as_administrator.post("/first-steps/put-away/", follow=True).content.decode()
    others = as_manager.get("/").content.decode()
    as_administrator.post("/first-steps/put-away/?back")

    assert "checklist" not in away
    assert "/first-steps/put-away/?back" in away
    assert "checklist" in others
    assert "checklist" in as_administrator.get("/").content.decode()


@pytest.mark.parametrize("address", ["/", "/tasks/", "/tasks/?whose=all"])
def test_the_page_asks_as_often_for_fifty_tasks_as_for_one(as_sam, sam, ana, address, django_assert_num_queries):
    build.task(sam, customer=ana)
    as_sam.get(address)
    with django_assert_num_queries(12, exact=False) as one:
        as_sam.get(address)
    for number in range(50):
        build.task(sam, f"Task {number}", customer=build.customer(f"Somebody {number}"))

    with django_assert_num_queries(len(one)):
        as_sam.get(address)


def test_tasks_are_mine_unless_asked_for_all(as_sam, sam, mira):
    build.task(mira, "Of Mira")
    build.task(sam, "Of Sam")

    assert [task.title for task in as_sam.get(reverse("crm:tasks")).context["tasks"]] == ["Of Sam"]
    assert len(as_sam.get(reverse("crm:tasks"), {"whose": "all"}).context["tasks"]) == 2


def test_support_sees_no_reports(as_sam, ana):
    page = as_sam.get("/").content.decode()

    assert "/retention/" not in page
