"""Conversations of an older system, on the cards of those who are known here."""

from datetime import UTC, datetime

import pytest

from crm.imports import running, undoing
from crm.models import Note
from tests import build
from tests.digests import digests

HEADER = "customer_id,card,email,phone,kind,at,body,by"
GROWS = {"crm_event", "crm_reaction", "crm_import", "crm_changeset", "crm_change", "crm_rejectedrow"}
GROWS |= {"crm_savedmapping"}


@pytest.fixture
def conversations(file, db):
    """Reads and applies these rows of a file of conversations."""

    def bring(*rows, header=HEADER):
        path = file(*rows, header=header, name="talks.csv")
        brought = running.begin(path, name=path.name, source="shop", kind="conversations", owns_file=False)
        running.read(brought)
        running.apply(brought)
        return brought

    return bring


def test_a_conversation_stands_on_the_card_of_the_customer(conversations, ana, mira):
    conversations(
        f"ana@people.example,call,2019-05-06 10:30,Asked about blue.,{mira.email}", header="email,kind,at,body,by"
    )

    note = Note.objects.get()
    assert (note.customer, note.kind, note.body, note.by) == (ana, "call", "Asked about blue.", mira)
    assert note.at == datetime(2019, 5, 6, 9, 30, tzinfo=UTC)  # the clock of the shop


@pytest.mark.parametrize(
    ("kind", "value", "row"),
    [
        ("external", "7", "7,,,,,2019-05-06,Hello,"),
        ("card", "1234567890", ",1234567890,,,,2019-05-06,Hello,"),
        ("email", "eva@people.example", ",,Eva@People.example,,,2019-05-06,Hello,"),
        ("phone", "+447700900142", ",,,07700 900142,,2019-05-06,Hello,"),
    ],
)
def test_number_card_e_mail_or_phone_names_the_customer(conversations, ben, kind, value, row):
    build.identifier(ben, kind, value, source="shop" if kind == "external" else "")

    conversations(row)

    assert Note.objects.get().customer == ben


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Phone", "call"), ("звонок", "call"), ("зустріч", "visit"), ("czat", "chat"), ("письмо", "email"), ("", "note")],
)
def test_the_kind_may_be_said_in_four_languages(conversations, ana, word, kind):
    conversations(f",,ana@people.example,,{word},2019-05-06,Hello,")

    assert Note.objects.get().kind == kind


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("99,,,,call,2019-05-06,Hello,", "unknown_customer"),
        (",,nobody@people.example,,call,2019-05-06,Hello,", "unknown_customer"),
        (",,ana@people.example,,pigeon,2019-05-06,Hello,", "conversation"),
        (",,ana@people.example,,call,2019-05-06,,", "no_body"),
        (",,ana@people.example,,call,,Hello,", "no_date"),
        (",,ana@people.example,,call,2019-05-06,Hello,stranger@shop.example", "owner"),
    ],
)
def test_what_cannot_be_placed_or_read_is_rejected_and_no_card_is_made(conversations, ana, row, reason):
    brought = conversations(row, ",,ana@people.example,,call,2019-05-07,Hello,")

    assert [(bad.line, bad.reason) for bad in brought.rejected.all()] == [(2, reason)]
    assert Note.objects.get().customer == ana


def test_an_address_that_a_family_shares_names_nobody(conversations, ana):
    build.customer("Ola Lindqvist", email="ana@people.example")

    brought = conversations(",,ana@people.example,,call,2019-05-06,Hello,")

    assert brought.report["matching_rejected"] == {"several_customers": 1}
    assert not Note.objects.exists()


def test_an_unknown_number_never_leads_by_e_mail_to_somebody_with_another_number(conversations, ana):
    build.identifier(ana, "external", "7", source="shop")

    brought = conversations("8,,ana@people.example,,call,2019-05-06,Hello,")

    assert brought.report["matching_rejected"] == {"unknown_customer": 1}


def test_the_same_file_twice_changes_nothing_also_after_the_note_moved_to_another_card(conversations, ana, ben):
    rows = [",,ana@people.example,,call,2019-05-06,Hello,"] * 2 + [",,ana@people.example,,chat,2019-05-06,Hello,"]
    first = conversations(*rows)
    Note.objects.update(customer=ben)
    before = digests(without=GROWS)

    again = conversations(*rows)

    assert (first.report["create"], first.report["same"]) == (2, 1)
    assert (again.report["create"], again.report["same"]) == (0, 3)
    assert digests(without=GROWS) == before


def test_taken_back_what_came_goes_and_what_was_edited_since_stays(conversations, ana, mira):
    build.note(ana, "Written here.")
    brought = conversations(*[f",,ana@people.example,,call,2019-05-0{day},Hello," for day in (1, 2, 3)])
    Note.objects.filter(at__day=2, at__year=2019).update(body="Hello, and more.")

    outcome = undoing.undo(brought, by=mira)

    assert (outcome.restored, outcome.kept) == (2, 1)
    assert sorted(Note.objects.values_list("body", flat=True)) == ["Hello, and more.", "Written here."]
