from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Event, Note, Task
from tests import build

HTMX = {"HX-Request": "true"}


def notes(customer) -> str:
    return reverse("crm:notes", args=[customer.pk])


def test_a_logged_call_stands_on_top_of_the_timeline(as_sam, sam, ana):
    answer = as_sam.post(notes(ana), {"kind": "call", "body": "Asked about cups."}, headers=HTMX)

    note = Note.objects.get()
    assert (note.kind, note.by, note.customer) == ("call", sam, ana)
    assert "Asked about cups." in answer.content.decode()
    assert "Call with Ana Lindqvist logged." in answer["HX-Trigger"]
    assert Event.objects.get().kind == "note.logged"


def test_a_follow_up_is_set_in_the_same_move(as_sam, sam, mira, ana):
    due = timezone.localdate() + timedelta(days=3)
    typed = {"kind": "call", "body": "Will ring back.", "title": "Ring Ana", "due_on": str(due), "owner": mira.pk}

    as_sam.post(notes(ana), typed)

    task = Task.objects.get()
    assert (task.title, task.due_on, task.owner, task.created_by, task.customer) == ("Ring Ana", due, mira, sam, ana)


def test_a_follow_up_without_an_owner_is_mine(as_sam, sam, ana):
    as_sam.post(notes(ana), {"kind": "note", "body": "x", "title": "y", "due_on": str(timezone.localdate())})

    assert Task.objects.get().owner == sam


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "   "},
        {"kind": "shout"},
        {"title": "Ring", "due_on": ""},
        {"title": "Ring", "due_on": "2026-02-30"},
        {"title": "x" * 300},
        {"owner": "abc", "title": "Ring"},
        {"body": "x" * 10_001},
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_was_typed_survives_a_refusal_and_nothing_is_kept(as_sam, ana, wrong, headers):
    typed = {"kind": "call", "body": "A long story", "title": "", "due_on": "2026-12-01", **wrong}

    answer = as_sam.post(notes(ana), typed, headers=headers)

    assert answer.status_code == 422
    assert typed["body"].strip() in answer.content.decode()
    assert "field__error" in answer.content.decode()
    assert not Note.objects.exists()
    assert not Task.objects.exists()


def test_a_task_is_done_by_one_click_and_open_again_by_undo(as_sam, sam, ana):
    task = build.task(sam, "Ring back", customer=ana)
    done, undo = reverse("crm:task_done", args=[task.pk]), reverse("crm:task_open", args=[task.pk])

    answer = as_sam.post(done, headers=HTMX)
    assert answer.content == b""
    assert undo in answer["HX-Trigger"]
    assert not Task.objects.open().exists()

    back = as_sam.post(undo, headers={"Referer": "http://testserver/customers/1/"})

    assert back["Location"] == "http://testserver/customers/1/"
    assert Task.objects.open().get() == task
    assert [event.kind for event in Event.objects.order_by("pk")] == ["task.done", "task.reopened"]


def test_done_twice_is_done_once_and_nobody_is_sent_to_a_strange_site(as_sam, sam):
    task = build.task(sam)
    done = reverse("crm:task_done", args=[task.pk])

    as_sam.post(done)
    answer = as_sam.post(done, headers={"Referer": "https://elsewhere.example/"})

    assert answer["Location"] == "/tasks/"
    assert Event.objects.filter(kind="task.done").count() == 1


def test_a_task_can_be_set_for_a_customer_or_for_nobody(as_sam, sam, ana):
    typed = {"title": "Count the cups", "due_on": "2026-12-01", "owner": sam.pk}

    as_sam.post("/tasks/new/", typed)
    as_sam.post(f"/tasks/new/?customer={ana.pk}", typed)
    refused = as_sam.post("/tasks/new/", {**typed, "due_on": "soon"})

    assert [task.customer for task in Task.objects.order_by("pk")] == [None, ana]
    assert refused.status_code == 422
