"""A copy of everything about one person."""

import json

from django.core.serializers.json import DjangoJSONEncoder

from crm.events.kinds import KINDS
from crm.models import Event
from crm.privacy import wording
from crm.privacy.copying import copy_of
from crm.privacy.events_in_words import EVENTS
from crm.privacy.held import everything
from tests import build


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
    assert "Changed: city – → Ludlow" in " ".join(tables["What happened"].rows[0])
    assert Event.objects.count() == 1


def test_whatever_happens_to_a_customer_has_words_on_the_copy():
    of_the_shop = ("customers.", "tag.", "field.", "mail_text.", "import.", "programme.", "reaction.")

    assert [kind for kind in KINDS if not kind.startswith(of_the_shop) and kind not in EVENTS] == []
