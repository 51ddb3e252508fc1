"""Files of customers: cards made and changed, refusals taken in, and all of it taken back."""

from datetime import date

import pytest
from django.core.validators import validate_email
from django.utils import timezone

from crm.imports import running, undoing
from crm.imports.customers.fields import PLAIN_EMAIL
from crm.models import Consent, Customer, CustomField, Event, Identifier, Import, Tag, Tagging
from crm.models.consent import ConsentInForce
from crm.undo.taking_back import AlreadyTakenBack
from tests import build
from tests.digests import digests

HEADER = "customer_id,email,phone,given_name,family_name,city,birthday"
GROWS = {"crm_event", "crm_reaction", "crm_import", "crm_changeset", "crm_change", "crm_rejectedrow"}
GROWS |= {"crm_savedmapping"}


@pytest.fixture
def customers(file, db):
    """Reads and applies these rows of a file of customers."""

    def bring(*rows: str, header: str = HEADER, preview: bool = False) -> Import:
        path = file(*rows, header=header, name=f"{len(list(Import.objects.all()))}.csv")
        brought = running.begin(path, name=path.name, source="shop", kind="customers", owns_file=False)
        running.read(brought)
        if not preview:
            running.apply(brought)
        return brought

    return bring


def counted(brought: Import) -> tuple[int, int, int]:
    return tuple(brought.report[how] for how in ("create", "change", "same"))


def test_a_new_customer_gets_a_card_with_all_that_the_row_says(customers):
    customers("7,Eva@People.example,07700 900142,Eva,Lis,Ludlow,1990-02-03")

    eva = Customer.objects.get()
    assert (eva.name, eva.city, eva.birthday) == ("Eva Lis", "Ludlow", date(1990, 2, 3))
    assert [(i.kind, i.source, i.value, i.normalised) for i in eva.identifiers.order_by("kind")] == [
        ("email", "", "Eva@People.example", "eva@people.example"),
        ("external", "shop", "7", "7"),
        ("phone", "", "07700 900142", "+447700900142"),
    ]


def test_the_same_file_twice_changes_nothing(customers):
    rows = "7,eva@people.example,07700 900142,Eva,Lis,Ludlow,1990-02-03", ",tom@people.example,,Tom,,,"
    customers(*rows)
    before = digests(without=GROWS)

    again = customers(*rows)

    assert counted(again) == (0, 0, 2)
    assert digests(without=GROWS) == before


def test_what_differs_changes_and_an_empty_cell_leaves_what_is_there(customers, ana):
    ana.edit(actor="", city="York", company="Lindqvist Ltd")

    brought = customers(",ana@people.example,,Anna,,Ludlow,", preview=True)
    shown = brought.mapping_in_use.kind_of_file.changes(brought.report)
    running.apply(brought)

    ana.refresh_from_db()
    assert (ana.given_name, ana.family_name, ana.city, ana.company) == ("Anna", "Lindqvist", "Ludlow", "Lindqvist Ltd")
    assert [(change.what, sorted((str(label), old, new) for label, old, new in change.fields)) for change in shown] == [
        ("Ana Lindqvist", [("Given name", "Ana", "Anna"), ("Town", "York", "Ludlow")])
    ]


def test_the_strongest_that_a_row_is_known_by_decides(customers, ana, ben):
    build.identifier(ben, "external", "7", source="shop")

    customers("7,ana@people.example,,,,Ludlow,")

    ana.refresh_from_db()
    ben.refresh_from_db()
    assert (ana.city, ben.city) == ("", "Ludlow")


def test_an_address_of_a_family_means_the_one_with_the_same_name(customers, ana):
    ola = build.customer("Ola Lindqvist", email="ana@people.example")

    customers(",ana@people.example,,Ana,Lindqvist,Ludlow,")

    ana.refresh_from_db()
    ola.refresh_from_db()
    assert (ana.city, ola.city) == ("Ludlow", "")


def test_an_unknown_number_never_leads_by_e_mail_to_somebody_with_another_number(customers, ana):
    build.identifier(ana, "external", "7", source="shop")

    brought = customers("8,ana@people.example,,Ada,Lindqvist,Ludlow,")

    assert counted(brought) == (1, 0, 0)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("7,not an address,,,,,", "email"),
        ("7,,12,,,,", "phone"),
        ("7,,,,,,30.02.1990", "date"),
        ("7,,,,,,1890-01-01", "early_birthday"),
        ("7,,,,,,2190-01-01", "future_date"),
        ("7,,," + "x" * 121 + ",,,", "long_text"),
    ],
)
def test_a_cell_that_cannot_be_read_rejects_its_row_and_no_other(customers, row, says):
    brought = customers(row, "8,,,Tom,,,")

    assert brought.report["rejected"] == {says: 1}
    assert [str(customer) for customer in Customer.objects.all()] == ["Tom"]


def test_a_row_without_anything_to_be_known_by_is_left_out(customers):
    brought = customers(",,,Eva,Lis,,", "8,,,Tom,,,")

    assert brought.report["skipped"] == {"nothing_known_by": 1}


def test_a_second_row_about_the_same_person_and_a_card_of_somebody_else_are_rejected(customers, ana, ben):
    build.identifier(ana, "card", "1234567890")
    build.identifier(ben, "external", "9", source="shop")

    brought = customers(
        "7,,Eva,",
        "7,,Evi,",
        ",eva@people.example,Eva,",
        ",eva@people.example,Eva,",
        "9,,Tom,1234567890",
        header="customer_id,email,given_name,card",
    )

    assert brought.report["matching_rejected"] == {"twice": 2, "card_taken": 1}
    assert brought.report["create"] == 2


def test_tags_and_fields_of_the_shop_come_in(customers, ana):
    CustomField.define(key="size", label="Size", kind="number", actor="")
    Tag.called("VIP")

    customers('ana@people.example,"vip; Likes blue",38', header="email,tags,custom.size")

    ana.refresh_from_db()
    assert ana.custom == {"size": 38}
    assert sorted(tagging.tag.name for tagging in ana.taggings.all()) == ["Likes blue", "VIP"]


def test_a_value_that_the_field_does_not_take_rejects_the_row(customers, ana):
    CustomField.define(key="size", label="Size", kind="number", actor="")

    brought = customers("ana@people.example,large", header="email,custom.size")

    assert brought.report["rejected"] == {"own_field": 1}


@pytest.mark.parametrize("word", ["no", "NIE", "нет", "ні", "0", "false", "unsubscribed"])
def test_a_no_in_the_file_is_a_no_here(customers, ana, word):
    customers(f"ana@people.example,{word}", header="email,consent_offers")

    held = ConsentInForce.objects.get(address="ana@people.example", purpose="offers")
    assert held.state == "refused"


@pytest.mark.parametrize("word", ["yes", "TAK", "да", "так", "1"])
def test_a_yes_in_the_file_never_turns_a_no_into_a_yes_and_is_said(customers, ana, word):
    Consent.say(ana, "email", "ana@people.example", {"offers": "refused"}, method="phone", wording="No more, please.")

    brought = customers(f"ana@people.example,{word}", header="email,consent_offers")

    assert ConsentInForce.objects.get(purpose="offers").state == "refused"
    assert brought.report["yes_ignored"] == 1
    assert "only the customer can give it" in brought.mapping_in_use.kind_of_file.created(brought.report, True)


def test_the_preview_tells_how_many_noes_would_be_written_and_how_many_a_yes_does_not_lift(file, ana, ben):
    Consent.say(ana, "email", "ana@people.example", {"offers": "refused"}, method="phone", wording="No more, please.")
    rows = ["ana@people.example,yes", "ben@people.example,no", "new@people.example,no", "other@people.example,yes"]

    looked = running.begin(
        file(*rows, header="email,consent_offers"), name="x.csv", source="shop", kind="customers", owns_file=False
    )
    running.read(looked)

    kind = looked.mapping_in_use.kind_of_file
    assert {name: looked.report[name] for name in ("refused", "no_stays", "yes_ignored")} == {
        "refused": 2,
        "no_stays": 1,
        "yes_ignored": 2,
    }
    assert "2 refusals would be written down. 1 refusal stays, although the file says yes." in kind.created(
        looked.report, False
    )
    assert [number for _label, number in kind.stats(looked.report, False)] == [2, 2, 1, 2]
    assert ConsentInForce.objects.count() == 1
    running.apply(looked)
    assert looked.report["refused"] == 2


def test_taken_back_every_table_is_as_it_was(customers, mira, ana, ben):
    Tag.called("VIP")
    ana.edit(actor="", city="York")
    before = digests(without=GROWS)
    brought = customers(
        "7,eva@people.example,07700 900143,Eva,Ludlow,new", ",ana@people.example,07700 900199,Anna,Ludlow,vip",
        header="customer_id,email,phone,given_name,city,tags",
    )  # fmt: skip
    assert digests(without=GROWS) != before

    outcome = undoing.undo(brought, by=mira)

    assert outcome.kept == 0
    assert digests(without=GROWS) == before
    assert Event.objects.latest("pk").kind == "import.undone"


def test_what_somebody_changed_since_is_kept(customers, mira, ana):
    brought = customers("7,,,Eva,,Ludlow,", "8,,,Tom,,Ludlow,", ",ana@people.example,,,,Ludlow,")
    Customer.objects.get(given_name="Eva").edit(actor=mira.actor, city="York")
    build.order(Customer.objects.get(given_name="Tom"))
    ana.edit(actor=mira.actor, company="Lindqvist Ltd")

    undoing.undo(brought, by=mira)

    ana.refresh_from_db()
    assert sorted(str(customer) for customer in Customer.objects.all()) == ["Ana Lindqvist", "Eva", "Tom"]
    assert (ana.city, ana.company) == ("", "Lindqvist Ltd")


def test_it_is_taken_back_once(customers, mira):
    brought = customers("7,,,Eva,,,")
    undoing.undo(brought, by=mira)

    with pytest.raises(AlreadyTakenBack):
        undoing.undo(Import.objects.get(pk=brought.pk), by=mira)


def test_a_card_in_the_middle_of_an_import_is_not_moved_in_time(customers, ana):
    since = ana.created_at

    customers("ana@people.example,2020-01-01,Ludlow", header="email,created_at,city")
    customers("8,2020-01-01,Ludlow", header="customer_id,created_at,city")

    ana.refresh_from_db()
    assert ana.created_at == since
    assert Customer.objects.latest("pk").created_at.year == 2020 < timezone.now().year
    assert Identifier.objects.filter(kind="external").count() == 1
    assert Tagging.objects.count() == 0


@pytest.mark.parametrize("text", ["Eva.Lis@People.example", "a+b_c-d@x1.people.museum", f"e@{'x' * 63}.{'y' * 63}"])
def test_what_looks_like_a_plain_address_is_one(text):
    validate_email(text)

    assert PLAIN_EMAIL.fullmatch(text)
    assert Identifier.normalise("email", text) == text.lower()


ODD = [
    "eva@people",
    ".eva@people.example",
    "eva..lis@people.example",
    "eva@-x.example",
    "é@x.example",
    "eva@x.example\n",
]


@pytest.mark.parametrize("text", ODD)
def test_any_other_is_looked_at_closely(text):
    assert not PLAIN_EMAIL.fullmatch(text)
