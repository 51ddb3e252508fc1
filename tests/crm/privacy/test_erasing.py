"""Erasing one person: identity goes, what the shop must keep stays, and what others wrote forgets the name."""

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from crm.models import Customer, Erasure, Event, Export, Identifier, Note, Order, PrivacyRequest, Refund, Task
from crm.privacy import erasing, jobs
from crm.privacy.erasing import AlreadyErased, erase
from shop.models import Job
from tests import build


@pytest.fixture(autouse=True)
def erased_file(settings, tmp_path):
    settings.ERASED_FILE = tmp_path / "erased.jsonl"
    return settings.ERASED_FILE


def test_identity_goes_and_the_sums_of_orders_stay(ana, sam, mira):
    build.note(ana, "She moves to Ludlow.", by=sam)
    before = Order.objects.aggregate(total=Sum("total"), net=Sum("net"))

    erase(ana, why="asked", by=mira)

    ana.refresh_from_db()
    assert (ana.name, ana.birthday, ana.city, ana.owner) == ("", None, "", None)
    assert ana.erased_at
    assert not ana.identifiers.exists()
    assert not ana.notes.exists()
    assert Order.objects.aggregate(total=Sum("total"), net=Sum("net")) == before


def test_the_certificate_counts_what_went_and_what_stayed(ana, sam, mira):
    build.note(ana, by=sam)
    build.task(sam, customer=ana)

    certificate = erase(ana, why="asked", by=mira)

    assert certificate.number == f"E-{certificate.at.year}-{ana.pk:06}"
    assert certificate.counts["crm.Identifier"] == {"erased": 2}
    assert certificate.counts["crm.Note"] == {"erased": 1}
    assert certificate.counts["crm.Task"] == {"emptied": 1}
    assert certificate.counts["crm.Order"] == {"kept": 5}


def test_the_preview_promises_what_the_certificate_then_says(ana, sam, mira):
    build.note(ana, by=sam)
    build.task(sam, customer=ana)

    promised = erasing.preview(ana)
    certificate = erase(ana, why="asked", by=mira)

    assert promised == {label: counts for label, counts in certificate.counts.items() if label in promised}


def test_nobody_is_erased_twice(ana):
    erase(ana, why="asked")

    with pytest.raises(AlreadyErased):
        erase(ana, why="asked")
    assert Erasure.objects.count() == 1


def test_merged_cards_are_erased_with_the_card_they_went_into(ana, cleo):
    cleo.merged_into = ana
    cleo.save()

    certificate = erase(cleo, why="asked")

    assert certificate.customer == ana
    assert certificate.cards == sorted([ana.pk, cleo.pk])
    assert set(Customer.objects.values_list("name", flat=True)) == {""}


def test_events_keep_when_and_what_and_lose_what_was_typed(ana, sam):
    ana.edit(actor=sam.actor, city="Wroxeter", given_name="Anna")
    order = build.order(ana, "12.00")
    order.refund(order.total)

    erase(ana, why="asked")

    edited, refunded = Event.objects.filter(kind__in=["customer.edited", "order.refunded"]).order_by("pk")
    assert edited.data == {"changes": {}}
    assert refunded.data == {"reference": order.reference, "amount": str(order.total)}


def test_open_tasks_end_and_forget_their_title(ana, sam):
    task = build.task(sam, "Ring Ana about the oak table", customer=ana)

    erase(ana, why="asked")

    task.refresh_from_db()
    assert task.title == "‹erased›"
    assert task.done_at


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Ana Lindqvist sent him.", "‹erased› sent him."),
        ("Knows LINDQVIST, Ana well", "Knows ‹erased› well"),
        ("A friend of Mrs Lindqvist.", "A friend of Mrs ‹erased›."),
        ("Lindqvistsson is another person", "Lindqvistsson is another person"),
        ("Write to Ana@People.example instead", "Write to ‹erased› instead"),
        ("Ring 07700 900142 instead", "Ring ‹erased› instead"),
        ("Ring +44 (0)7700-900-142.", "Ring ‹erased›."),
        ("Ring 0044 7700 900142", "Ring ‹erased›"),
        ("Not 17700 9001420", "Not 17700 9001420"),
        ("Ana is a common name", "Ana is a common name"),
    ],
)
def test_what_was_written_about_others_forgets_the_person(ana, ben, sam, typed, left):
    note = build.note(ben, typed, by=sam)

    erase(ana, why="asked")

    note.refresh_from_db()
    assert note.body == left


def test_a_family_name_that_others_have_too_stays_where_others_are_meant(ana, ben, sam):
    build.customer("Nils Lindqvist")
    note = build.note(ben, "Mr Lindqvist sent him, not Ana Lindqvist.", by=sam)

    erase(ana, why="asked")

    note.refresh_from_db()
    assert note.body == "Mr Lindqvist sent him, not ‹erased›."


def test_events_of_others_forget_the_person(ana, ben, sam):
    ben.edit(actor=sam.actor, about="Cousin of Ana Lindqvist")

    erase(ana, why="asked")

    edited = Event.objects.get(kind="customer.edited")
    assert edited.data == {"changes": {"about": [None, "Cousin of ‹erased›"]}}
    ben.refresh_from_db()
    assert ben.about == "Cousin of ‹erased›"


def test_what_the_customer_asked_for_is_done_with_the_erasure(ana, mira):
    request = PrivacyRequest.ask(ana, "erasure")

    erase(ana, why="asked", by=mira)

    request.refresh_from_db()
    assert request.done_at
    assert not Task.objects.open().exists()


def test_refunds_lose_their_note(ana):
    Refund.objects.create(customer=ana, source="shop", at=ana.created_at, amount=3, note="Ana was cross")

    erase(ana, why="asked")

    assert Refund.objects.get().note == ""


def test_somebody_with_the_same_address_is_not_touched(ana, mira):
    nils = build.customer("Nils Berg", email="ana@people.example")

    erase(ana, why="asked", by=mira)

    assert list(Identifier.objects.values_list("customer", "value")) == [(nils.pk, "ana@people.example")]
    assert Note.objects.count() == 0


def test_with_much_to_look_through_a_worker_erases(as_manager, ana, mira, monkeypatch):
    monkeypatch.setattr(erasing, "FEW", -1)
    here = reverse("crm:erasure", args=[ana.pk])

    answer = as_manager.post(here, {"why": "asked", "typed": ana.name})

    assert answer["Location"] == here
    assert "Waiting for its turn" in as_manager.get(here).text
    work = Job.objects.get(kind=erasing.ERASE)
    assert work.params == {"customer": ana.pk, "why": "asked"}

    jobs.erase_one.do(Job.claim(work.pk))

    assert Erasure.objects.get().by == mira
    assert as_manager.get(here)["Location"] == reverse("crm:certificate", args=[ana.pk])
    watching = as_manager.get(here, headers={"HX-Request": "true"})
    assert watching["HX-Redirect"] == reverse("crm:certificate", args=[ana.pk])


def test_the_work_that_a_crash_left_behind_is_done_once(ana, mira):
    work = Job.request(erasing.ERASE, by=mira, customer=ana.pk, why="asked")
    erase(ana, why="asked", by=mira)

    assert jobs.erase_one.do(Job.claim(work.pk)) == {}
    assert Erasure.objects.count() == 1


@pytest.mark.parametrize(("picked", "goes"), [(None, True), ("ana", True), ("ben", False)])
def test_exported_files_that_may_hold_the_person_go(ana, ben, mira, settings, tmp_path, picked, goes):
    settings.MEDIA_ROOT = tmp_path
    chosen = picked and [{"ana": ana, "ben": ben}[picked].pk]
    export = Export.objects.create(
        by=mira, picked=chosen, address="city=Leeds", file="x.csv", finished_at=timezone.now()
    )
    export.path.parent.mkdir()
    export.path.write_text(ana.name)

    erase(ana, why="asked", by=mira)
    jobs.remove_now()

    export.refresh_from_db()
    assert export.path.exists() is not goes
    assert export.is_there is not goes
    assert (export.address == "") is goes
