"""A copy of everything about one person."""

import json
from pkgutil import resolve_name

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.functional import Promise

from config.words import WORDS
from crm.events.kinds import KINDS
from crm.models import Consent, CustomField, Event
from crm.privacy import wording
from crm.privacy.copying import _part, copy_of
from crm.privacy.events_in_words import DAYS, DETAILS, EVENTS, LEFT_OUT, MONEY
from crm.privacy.held import everything
from tests import build

# What people or the shop wrote themselves, and names: shown as it is.
AS_WRITTEN = set(
    """
    address body branch category channel code details lifted_why name outcome reason reference sku source subject
    text title value wording
""".split()
)
AS_WRITTEN_IN_EVENTS = set(
    """
    address amount badge cause challenge discount due_on former number points reference reward severity silent_days
    tag tier title total until usual_days agreed changes why survey score callback
""".split()
)
OF_THE_SHOP = (
    "customers.",
    "tag.",
    "field.",
    "mail_text.",
    "import.",
    "programme.",
    "reaction.",
    "survey.",
    "brand.",
    "goal.",
    "webhook.",
    "risk.released",
)


def as_text(customer):
    return json.dumps(copy_of(customer).as_json(), cls=DjangoJSONEncoder, ensure_ascii=False)


def test_the_copy_holds_what_is_known_and_nothing_of_others(ana, ben, sam):
    build.note(ana, "Asked for the oak table.", by=sam)
    build.note(ben, "Asked for a lamp.", by=sam)

    text = as_text(ana)

    assert "Lindqvist" in text
    assert "ana@people.example" in text
    assert "oak table" in text
    assert "a lamp" not in text
    assert "Okafor" not in text


def test_the_copy_names_nobody_of_the_staff(ana, sam):
    build.note(ana, by=sam)
    build.task(sam, customer=ana)

    assert "Ashby" not in as_text(ana)


def test_every_table_is_in_the_copy_or_left_out_on_purpose(ana, sam):
    build.note(ana, by=sam)

    names = {part.name for part in copy_of(ana).parts}

    copied = {held.label for held in everything() if held.copy.word != "leave out"}
    assert {"crm.Identifier", "crm.Order", "crm.Note"} <= names <= copied


def test_merged_cards_are_in_the_copy_of_the_card_they_went_into(ana, cleo):
    cleo.merged_into = ana
    cleo.save()

    assert "cleo@people.example" in as_text(ana)


def test_every_table_of_the_copy_has_a_name_that_people_understand():
    unnamed = {held.label for held in everything() if held.copy.word != "leave out"} - set(wording.TABLES)

    assert unnamed == set()


def test_every_table_of_the_certificate_has_a_name_that_staff_understand():
    labels = {held.label for held in everything()}

    assert {label for label in labels if wording.name_for_staff(label) == label.rpartition(".")[2]} == set()


def test_the_page_writes_days_and_money_as_people_do(ana, sam):
    ana.edit(actor=sam.actor, city="Ludlow")

    tables = {table.title: table for table in wording.tables(copy_of(ana))}

    assert "£40.00" in tables["Orders"].rows[0]
    assert "Changed: Town – → Ludlow" in " ".join(tables["What happened"].rows[0])
    assert Event.objects.count() == 1


def test_whatever_happens_to_a_customer_has_words_on_the_copy():
    assert [kind for kind in KINDS if not kind.startswith(OF_THE_SHOP) and kind not in EVENTS] == []


def shown():
    """Every field that can be on the page of a copy."""
    parts = [_part(one, []) for one in everything() if one.copy.word != "leave out" and one.first]
    paged = [part for part in parts if part.name not in wording.TABLES_ONLY_IN_FILE]
    return [(part.name, one) for part in paged for one in part.fields if wording.is_on_the_page(one)]


def test_every_column_of_the_page_has_a_head_that_is_translated(db):
    bare = [f"{table}.{one.name}" for table, one in shown() if not isinstance(one.verbose_name, Promise)]

    assert [name for name in bare if name.rpartition(".")[2] not in wording.FIELDS] == []


def test_every_code_on_the_page_has_words(db):
    codes = [(table, one.name) for table, one in shown() if isinstance(one, models.CharField) and not one.choices]
    wordless = {f"{table}.{name}" for table, name in codes if name not in AS_WRITTEN} - set(WORDS)

    assert wordless == {"crm.Event.kind"}  # which has EVENTS


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith(OF_THE_SHOP)])
def test_every_detail_of_an_event_is_said_in_words(kind):
    keys = set(KINDS[kind].keys) - LEFT_OUT
    worded = {name.partition(".")[2] for name in WORDS if name.startswith(f"{kind.partition('.')[0]}.")}

    assert keys - set(DETAILS) == set()
    assert keys - worded - AS_WRITTEN_IN_EVENTS - DAYS - MONEY == set()


@pytest.mark.parametrize("path", sorted(set(WORDS.values())))
def test_the_words_of_a_code_are_there(path):
    assert resolve_name(path)


def test_nobody_reads_a_code_on_the_page(ana, sam):
    CustomField.define(key="dog", label="Name of the dog", kind="text", actor="")
    ana.edit(actor=sam.actor, language="pl", custom__dog="Rex", birthday="1980-03-09")
    Event.record("risk.raised", customer=ana, state="at_risk", silent_days=40, usual_days=12)
    Event.record("points.adjusted", customer=ana, points=5, reason="gesture")
    Event.record("complaint.late", customer=ana, subject=ana, complaint=1, title="Lamp", deadline="answer")
    allowed = {"offers": "given", "birthday": "given"}
    Consent.say(ana, "email", "ana@people.example", allowed, method="in_person", wording="Yes.")

    said = {kind: told for kind, _when, told in wording_of_events(ana)}

    assert said["You seemed to stay away"].startswith("State: At risk")
    assert "Why: A gesture of goodwill" in said["Your points were put right"]
    assert "Deadline: First answer" in said["We were late with your complaint"]
    assert "Purposes: Offers, Birthday" in said["You allowed something"]
    assert "How: in person" in said["You allowed something"]
    changed = said["Something about you was changed"]
    assert "Language – → Polski" in changed
    assert "Name of the dog – → Rex" in changed
    assert "Birthday – → 9 Mar 1980" in changed
    assert "Name of the dog: Rex" in [told for _head, told in wording.cards(copy_of(ana))[0]]


def wording_of_events(customer):
    (events,) = [table for table in wording.tables(copy_of(customer)) if table.title == "What happened"]
    return [(row[0], row[1], row[-1]) for row in events.rows]
