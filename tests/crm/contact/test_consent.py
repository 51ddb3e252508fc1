"""Rows are only added, the newest decides, and only the customer loosens."""

import pytest
from django.db import Error, connection, transaction
from django.db.models.functions import Now

from crm.models import Consent, ConsentInForce, Event, OnlyTheCustomerLoosens
from tests import build

EMAIL = "ana@people.example"


def said(customer, purpose="offers", state="given", **options):
    options = {"method": "phone", "wording": "Yes, please write to me.", **options}
    return Consent.say(customer, "email", EMAIL, {purpose: state}, **options)


def in_force(address=EMAIL):
    return dict(ConsentInForce.objects.filter(address=address).values_list("purpose", "state"))


def test_the_newest_row_of_an_address_and_purpose_decides(ana):
    said(ana)
    said(ana, state="withdrawn", method="link", wording="")

    assert Consent.objects.current("email", EMAIL)["offers"].state == "withdrawn"
    assert in_force() == {"offers": "withdrawn"}


def test_what_holds_already_is_not_written_again(ana):
    said(ana)

    assert said(ana) == []
    assert Consent.objects.count() == 1


def test_an_older_statement_that_comes_in_late_decides_nothing(ana):
    said(ana)
    newest = Consent.objects.get()

    Consent.objects.create(
        customer=ana, channel="email", address=EMAIL, purpose="offers", state="withdrawn", method="import",
        at=newest.at.replace(year=2020),
    )  # fmt: skip

    assert in_force() == {"offers": "given"}
    assert Consent.objects.current("email", EMAIL)["offers"] == newest


@pytest.mark.parametrize("method", ["import", "merge", "link"])
def test_nobody_but_the_customer_loosens(ana, method):
    with pytest.raises(OnlyTheCustomerLoosens), transaction.atomic():
        said(ana, method=method)
    row = {"channel": "email", "address": EMAIL, "purpose": "offers", "state": "given"}
    with pytest.raises(Error), transaction.atomic():
        Consent.objects.create(customer=ana, **row, method=method, wording="Yes.")

    assert not Consent.objects.exists()


def test_consent_without_the_words_it_was_given_in_is_none(ana):
    with pytest.raises(OnlyTheCustomerLoosens):
        said(ana, wording=" ")


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(state="given"),
        lambda rows: rows.update(at=Now()),
        lambda rows: rows.delete(),
        lambda rows: rows.update(customer=None),
    ],
)
def test_rows_cannot_be_changed_or_deleted(ana, change):
    said(ana, state="withdrawn")
    ConsentInForce.objects.all().delete()

    with pytest.raises(Error, match="append-only"), transaction.atomic():
        change(Consent.objects.all())


def test_with_a_reason_the_card_and_the_text_of_a_person_may_change_but_not_what_was_said(ana, ben):
    said(ana)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL regulars.reason = 'merge:1'")

    Consent.objects.update(customer=ben)
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        Consent.objects.update(state="withdrawn")

    assert Consent.objects.get().customer == ben
    assert in_force() == {"offers": "given"}


def test_an_erased_address_leaves_nothing_in_force(ana):
    said(ana)
    said(ana, "points")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL regulars.reason = 'erase:1'")

    Consent.objects.update(address="", wording="", source="")

    assert not ConsentInForce.objects.exists()
    assert Consent.objects.count() == 2


def test_each_statement_is_one_event_with_its_purposes(ana):
    said(ana)
    Consent.say(
        ana, "email", EMAIL, {"offers": "withdrawn", "birthday": "withdrawn", "points": "withdrawn"}, method="page"
    )

    told = [
        (event.kind, event.data["purposes"])
        for event in Event.objects.filter(kind__startswith="consent.").order_by("pk")
    ]

    assert told == [("consent.given", ["offers"]), ("consent.withdrawn", ["offers", "birthday", "points"])]


def test_what_holds_belongs_to_the_address_not_to_the_card(ana, ben):
    build.identifier(ben, "email", EMAIL)
    said(ana)
    said(ben, state="withdrawn", method="link", wording="")

    assert in_force() == {"offers": "withdrawn"}
