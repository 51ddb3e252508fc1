from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from tests import build


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


def test_a_shop_with_orders_is_told_no_first_steps(as_sam, ana):
    assert "checklist" not in as_sam.get("/").content.decode()


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
