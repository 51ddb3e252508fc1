from datetime import date

import pytest
from django.urls import reverse

from crm.card import timeline
from crm.models import Event


def put_back(client, customer, name, event=None):
    event = event or Event.objects.filter(kind="customer.edited").latest("pk")
    return client.post(reverse("crm:change", args=[customer.pk, event.pk, name]), follow=True)


def test_the_old_value_of_a_field_is_put_back(as_support, sam, ana):
    ana.edit(actor=sam.actor, city="Ludlow")
    ana.edit(actor=sam.actor, city="York")

    page = put_back(as_support, ana, "city").content.decode()

    ana.refresh_from_db()
    assert ana.city == "Ludlow"
    assert "The old value is back." in page
    assert Event.objects.latest("pk").data == {"changes": {"city": ["York", "Ludlow"]}}


@pytest.mark.parametrize(
    ("name", "value"),
    [("birthday", date(1990, 2, 3)), ("about", "Likes blue."), ("language", "pl"), ("city", "Ludlow")],
)
def test_every_kind_of_field_comes_back_as_it_was(as_support, cleo, name, value):
    cleo.edit(actor="", **{name: value})
    cleo.edit(actor="", **{name: None if name == "birthday" else ""})

    put_back(as_support, cleo, name)

    cleo.refresh_from_db()
    assert getattr(cleo, name) == value


def test_an_owner_is_put_back_and_shown_by_the_name_they_have_today(as_support, sam, mira, ana):
    ana.edit(actor=sam.actor, owner=mira)
    ana.edit(actor=sam.actor, owner=None)
    mira.name = "Mira Nair-Jones"
    mira.save()

    change = timeline.page_of(ana, {mira.actor: str(mira)}).entries[0].changes[0]
    put_back(as_support, ana, "owner")

    ana.refresh_from_db()
    assert ana.owner == mira
    assert change.new is None
    assert timeline.page_of(ana, {mira.actor: str(mira)}).entries[0].changes[0].new == "Mira Nair-Jones"


def test_an_owner_who_has_left_is_not_put_back_and_it_is_said_why(as_support, sam, mira, ana):
    ana.edit(actor=sam.actor, owner=mira)
    ana.edit(actor=sam.actor, owner=sam)
    mira.deactivate()

    page = put_back(as_support, ana, "owner").content.decode()

    ana.refresh_from_db()
    assert ana.owner == sam
    assert "It cannot be put back" in page


def test_a_fold_puts_back_its_oldest_value(sam, ana):
    ana.edit(actor=sam.actor, city="Ludlow")
    first = Event.objects.latest("pk")
    ana.edit(actor=sam.actor, city="York")

    change = timeline.page_of(ana, {}).entries[0].changes[0]

    assert (change.old, change.event) == (None, first.pk)


@pytest.mark.parametrize("became", ["+44 7700 900999", ""])
def test_a_phone_that_was_changed_or_taken_away_is_put_back(as_support, sam, ana, became):
    phone = ana.identifiers.get(kind="phone")
    ana.change_contact("phone", phone, became, actor=sam.actor)

    put_back(as_support, ana, "phone")

    assert [one.value for one in ana.identifiers.filter(kind="phone")] == ["+44 7700 900142"]


def test_a_phone_that_was_added_is_taken_away_again_and_the_second_time_nothing_happens(as_support, sam, ana):
    ana.change_contact("phone", None, "+44 7700 900999", actor=sam.actor)
    added = Event.objects.latest("pk")

    put_back(as_support, ana, "phone", added)
    again = put_back(as_support, ana, "phone", added).content.decode()

    assert [one.value for one in ana.identifiers.filter(kind="phone")] == ["+44 7700 900142"]
    assert "stands there already" in again


def test_an_edit_of_somebody_else_is_not_found(as_support, sam, ana, ben):
    ben.edit(actor=sam.actor, city="Ludlow")

    answer = put_back(as_support, ana, "city")

    assert answer.status_code == 404


def test_the_card_offers_it_to_those_who_may_edit(as_support, sam, ana):
    ana.edit(actor=sam.actor, city="Ludlow")

    page = as_support.get(ana.get_absolute_url()).content.decode()

    assert "Town: put the old value back" in page
