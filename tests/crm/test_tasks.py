"""Tasks are changed, handed over and put off in their line; the list goes on where it ended."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Event
from crm.tasks_due import PAGE
from tests import build


def titles(page):
    return [task.title for task in page.context["tasks"]]


def test_a_task_is_changed_and_handed_over_and_the_card_tells_it(as_sam, sam, mira, ana):
    task = build.task(sam, "Ring back", customer=ana)
    day = timezone.localdate() + timedelta(days=3)

    as_sam.post(reverse("crm:task", args=[task.pk]), {"title": "Write", "due_on": day.isoformat(), "owner": mira.pk})

    task.refresh_from_db()
    assert (task.title, task.due_on, task.owner) == ("Write", day, mira)
    event = Event.objects.get(kind="task.edited")
    assert event.data["changes"]["title"] == ["Ring back", "Write"]
    assert event.data["changes"]["owner"] == [sam.actor, mira.actor]
    assert "Task moved" in as_sam.get(ana.get_absolute_url()).content.decode()


def test_saved_as_it_was_a_task_tells_nothing(as_sam, sam):
    task = build.task(sam)
    told = {"title": task.title, "due_on": task.due_on.isoformat(), "owner": sam.pk}

    as_sam.post(reverse("crm:task", args=[task.pk]), told)

    assert not Event.objects.filter(kind="task.edited").exists()


@pytest.mark.parametrize(("days", "later"), [("1", 1), ("7", 7)])
def test_a_late_task_put_off_is_due_from_today_on(as_sam, sam, days, later):
    task = build.task(sam, due_in=-4)

    answer = as_sam.post(reverse("crm:task_later", args=[task.pk]), {"days": days}, headers={"hx-request": "true"})

    task.refresh_from_db()
    assert task.days_late == -later
    assert "badge" in answer.content.decode()
    assert as_sam.post(reverse("crm:task_later", args=[task.pk]), {"days": "99"}).status_code == 400


def test_the_form_opens_in_the_line_and_on_a_page(as_sam, sam):
    task = build.task(sam, "Ring <b>back</b>")

    line = as_sam.get(reverse("crm:task", args=[task.pk]), headers={"hx-request": "true"}).content.decode()
    page = as_sam.get(reverse("crm:task", args=[task.pk])).content.decode()

    assert line.lstrip().startswith("<li>")
    assert "<html" in page
    assert "Ring &lt;b&gt;back" in line
    bad = as_sam.post(reverse("crm:task", args=[task.pk]), {"title": ""}, headers={"hx-request": "true"})
    assert bad.status_code == 422


def test_a_finished_task_is_changed_no_more(as_sam, sam):
    task = build.task(sam)
    task.finish(actor="")

    assert as_sam.get(reverse("crm:task", args=[task.pk])).status_code == 404


def test_mine_all_and_late(as_sam, sam, mira):
    build.task(sam, "mine", due_in=1)
    build.task(sam, "mine late", due_in=-1)
    build.task(mira, "of Mira, late", due_in=-2)

    assert titles(as_sam.get(reverse("crm:tasks"))) == ["mine late", "mine"]
    assert titles(as_sam.get(reverse("crm:tasks"), {"whose": "late"})) == ["of Mira, late", "mine late"]
    assert len(titles(as_sam.get(reverse("crm:tasks"), {"whose": "all"}))) == 3


def test_the_list_goes_on_where_it_ended(as_sam, sam):
    for number in range(PAGE + 3):
        build.task(sam, str(number), due_in=number % 2)

    first = as_sam.get(reverse("crm:tasks"))
    rest = as_sam.get(reverse("crm:tasks"), {"after": first.context["after"]})

    assert len(set(titles(first) + titles(rest))) == PAGE + 3
    assert rest.context["after"] == ""
    assert titles(as_sam.get(reverse("crm:tasks"), {"after": "2026-02-30_1"})) == titles(first)


@pytest.mark.parametrize("address", ["/", "/tasks/", "card"])
def test_a_late_task_is_late_in_the_same_words_everywhere(as_sam, sam, ana, address):
    build.task(sam, due_in=-2, customer=ana)

    page = as_sam.get(ana.get_absolute_url() if address == "card" else address).content.decode()

    assert '<span class="badge badge--bad">2 days late</span>' in page
