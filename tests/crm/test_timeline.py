from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.card import timeline
from crm.events.kinds import KINDS
from crm.models import Customer, Event, Note, OrderLine, Refund, Task
from tests import build


def told(customer: Customer, **asked) -> list[tuple[str, str]]:
    return [(e.what if e.what != "event" else e.kind, e.text) for e in timeline.page_of(customer, {}, **asked).entries]


def test_everything_stands_on_one_line_newest_first(sam, cleo):
    order = build.order(cleo, "50.00", at=9, reference="A-1")
    order.refund(order.total, reference="A-1-R", at=timezone.now() - timedelta(days=8))
    build.note(cleo, "Rang about the cup.", at=timezone.now() - timedelta(days=7))
    Task.plan("Send a cup", timezone.localdate(), owner=sam, by=sam, customer=cleo)
    cleo.edit(actor=sam.actor, city="Ludlow")

    assert told(cleo) == [
        ("customer.edited", ""),
        ("task.created", ""),
        ("note", "Rang about the cup."),
        ("refund", "A-1"),
        ("order", "A-1"),
    ]


def test_one_kind_can_be_shown_alone(sam, cleo):
    build.order(cleo, reference="A-1")
    build.note(cleo, "Hello")
    cleo.edit(actor="", city="Ludlow")

    assert told(cleo, show="orders") == [("order", "A-1")]
    assert told(cleo, show="talks") == [("note", "Hello")]
    assert told(cleo, show="changes") == [("customer.edited", "")]
    assert told(cleo, show="risk") == []


def test_pages_follow_each_other_without_gap_or_repeat_even_at_one_moment(cleo):
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for number in range(40):
        build.order(cleo, at=moment, reference=f"O-{number}")
        build.note(cleo, f"N-{number}", at=moment)

    seen, before = [], ""
    while True:
        page = timeline.page_of(cleo, {}, before=before)
        seen += [(entry.what, entry.row) for entry in page.entries]
        before = page.older
        if not before:
            break

    assert len(seen) == len(set(seen)) == 80


def test_a_month_is_headed_once_over_the_border_of_two_pages(cleo):
    for number in range(timeline.FIRST + 5):
        build.order(cleo, at=datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=number))

    first = timeline.page_of(cleo, {})
    second = timeline.page_of(cleo, {}, before=first.older)

    assert [entry.begins_month for entry in first.entries][:2] == [True, False]
    assert not any(entry.begins_month for entry in second.entries)


def test_edits_close_in_time_are_one_entry_from_the_oldest_value_to_the_newest(sam, cleo):
    cleo.edit(actor=sam.actor, city="Ludlow")
    cleo.edit(actor=sam.actor, city="York", country="UK")

    entry = timeline.page_of(cleo, {sam.actor: "Sam"}).entries[0]

    assert [(str(change.label), change.old, change.new) for change in entry.changes] == [
        ("Town", None, "York"),
        ("Country", None, "UK"),
    ]
    assert entry.by == "Sam"
    assert Event.objects.count() == 2


def test_edits_by_two_people_stay_two(sam, mira, cleo):
    cleo.edit(actor=sam.actor, city="Ludlow")
    cleo.edit(actor=mira.actor, city="York")

    assert told(cleo) == [("customer.edited", ""), ("customer.edited", "")]


def test_a_refund_without_an_order_is_told_too(cleo):
    Refund.objects.create(customer=cleo, source="file", at=timezone.now(), amount="5.00")

    assert told(cleo) == [("refund", "")]


def test_the_page_of_ten_thousand_entries_reads_a_few_rows_of_each_table(cleo, django_assert_num_queries):
    moment = timezone.now()
    Note.objects.bulk_create(
        Note(customer=cleo, kind="note", body=str(n), at=moment - timedelta(minutes=n)) for n in range(10_000)
    )

    with django_assert_num_queries(1):
        page = timeline.page_of(cleo, {})

    assert [entry.text for entry in page.entries] == [str(n) for n in range(timeline.FIRST)]


def test_lines_of_an_order_are_shown_and_the_rest_folded(as_sam, cleo):
    order = build.order(cleo)
    for number in range(5):
        OrderLine.objects.create(order=order, position=number, name=f"Teacup {number}", paid=10)

    page = as_sam.get(reverse("crm:customer", args=[cleo.pk])).content.decode()

    assert "Teacup 0" in page
    assert "2 more lines" in page


def test_what_was_typed_is_escaped_and_a_broken_place_is_the_beginning(as_sam, cleo):
    build.note(cleo, "<script>alert(1)</script>")

    page = as_sam.get(reverse("crm:timeline", args=[cleo.pk]), {"before": "abc", "show": "nonsense"}).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_every_kind_of_event_has_words(sam, cleo, as_sam):
    data = {
        "title": "t",
        "due_on": "2026-01-01",
        "changes": {},
        "silent_days": 71,
        "usual_days": 34,
        "state": "at_risk",
    }
    for kind, meant in timeline.KINDS.items():
        Event.record(kind, customer=cleo, **{key: data.get(key, "1") for key in meant.keys})

    assert as_sam.get(reverse("crm:customer", args=[cleo.pk])).status_code == 200


SUBJECTS = ("customer.", "task.", "complaint.", "consent.", "pause.", "address.", "risk.", "order.cancelled")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith(SUBJECTS)])
def test_every_kind_on_a_card_has_a_sentence_of_its_own(kind):
    entry = timeline.Entry("event", 1, timezone.now(), kind, "", None, None, {}, "", None)

    assert entry.template.name != "timeline/event.html"
