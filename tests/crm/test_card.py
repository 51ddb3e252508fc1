import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.card.panels import by_phone
from crm.models import Customer, Event
from crm.panels import NextStep
from tests import build


def card(customer) -> str:
    return reverse("crm:customer", args=[customer.pk])


def test_the_head_says_since_when_how_often_how_much_and_when_last(as_sam, cleo):
    for days_ago in (61, 30):
        build.order(cleo, "40.00", at=timezone.localdate() - timedelta(days=days_ago))

    page = as_sam.get(card(cleo)).content.decode()

    assert "<h1>Cleo Marczak</h1>" in page
    assert "<b>2</b> orders" in page
    assert "<b>£80.00</b> spent" in page
    assert "last order <b>30 days ago</b>" in page


def test_a_merged_card_leads_to_the_one_that_stayed(as_sam, ana, ben):
    Customer.objects.filter(pk=ben.pk).update(merged_into=ana)

    assert as_sam.get(card(ben))["Location"] == card(ana)


def test_a_card_that_is_not_there_is_404(as_sam):
    assert as_sam.get("/customers/999999999/").status_code == 404


def test_the_card_asks_as_often_for_a_long_history_as_for_a_short_one(as_sam, sam, ana, django_assert_num_queries):
    build.note(ana, by=sam)
    build.task(sam, customer=ana)
    as_sam.get(card(ana))
    with django_assert_num_queries(19, exact=False) as short:
        as_sam.get(card(ana))
    for number in range(50):
        build.order(ana, at=number)
        build.note(ana, by=sam, at=timezone.now() - timedelta(days=number))
        build.task(sam, customer=ana, due_in=number)
        build.identifier(ana, "phone", f"+4477009002{number:02}")

    with django_assert_num_queries(len(short)):
        as_sam.get(card(ana))


def test_a_field_edited_in_place_is_kept_with_its_old_value(as_sam, sam, ana):
    place = reverse("crm:field", args=[ana.pk, "city"])

    asked = as_sam.get(place, headers={"HX-Request": "true"})
    saved = as_sam.post(place, {"city": "Ludlow"}, headers={"HX-Request": "true"})

    assert 'name="city"' in asked.content.decode()
    assert "Ludlow" in saved.content.decode()
    event = Event.objects.get()
    assert (event.kind, event.actor) == ("customer.edited", sam.actor)
    assert event.data == {"changes": {"city": [None, "Ludlow"]}}


def test_saving_the_same_value_writes_nothing_down(as_sam, ana):
    ana.edit(actor="", city="Ludlow")

    as_sam.post(reverse("crm:field", args=[ana.pk, "city"]), {"city": "Ludlow"})

    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"), [("birthday", "2026-02-30"), ("birthday", "3000-01-01"), ("language", "xx"), ("city", "a\x00b")]
)
def test_a_value_that_cannot_be_is_refused_with_what_was_typed(as_sam, ana, name, value):
    answer = as_sam.post(reverse("crm:field", args=[ana.pk, name]), {name: value}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert not Event.objects.exists()


def test_only_fields_of_the_card_can_be_edited(as_sam, ana):
    assert as_sam.post(reverse("crm:field", args=[ana.pk, "merged_into"]), {"merged_into": "1"}).status_code == 404


def test_a_contact_is_added_changed_and_taken_away(as_sam, cleo):
    new = reverse("crm:contact_new", args=[cleo.pk])
    as_sam.post(new, {"kind": "phone", "value": "07700 900388"})
    phone = cleo.identifiers.get(kind="phone")
    as_sam.post(reverse("crm:contact", args=[cleo.pk, phone.pk]), {"value": "07700 900389"})
    phone.refresh_from_db()
    assert phone.normalised == "+447700900389"

    as_sam.post(reverse("crm:contact", args=[cleo.pk, phone.pk]), {"value": ""})

    assert not cleo.identifiers.filter(kind="phone").exists()
    assert [event.data["changes"]["phone"] for event in Event.objects.order_by("pk")] == [
        [None, "07700 900388"],
        ["07700 900388", "07700 900389"],
        ["07700 900389", None],
    ]


@pytest.mark.parametrize(("kind", "value"), [("email", "nobody"), ("phone", "abc"), ("email", "cleo@people.example")])
def test_a_contact_that_cannot_be_or_is_there_already_is_refused(as_sam, cleo, kind, value):
    answer = as_sam.post(reverse("crm:contact_new", args=[cleo.pk]), {"kind": kind, "value": value})

    assert answer.status_code == 422
    assert cleo.identifiers.count() == 1


def test_a_new_card_is_opened_with_its_contacts(as_sam, sam):
    answer = as_sam.post("/customers/new/", {"given_name": "Zofia", "email": "Zofia@People.example"})

    zofia = Customer.objects.get()
    assert answer["Location"] == card(zofia)
    assert zofia.identifiers.get().normalised == "zofia@people.example"
    assert Event.objects.get().kind == "customer.created"


def test_a_new_card_with_a_known_contact_is_made_only_when_said_twice(as_sam, ana):
    typed = {"given_name": "Per", "phone": "07700900142"}

    warned = as_sam.post("/customers/new/", typed)
    made = as_sam.post("/customers/new/", {**typed, "anyway": "on"})

    assert warned.status_code == 422
    assert "Ana Lindqvist" in warned.content.decode()
    assert made.status_code == 302
    assert Customer.objects.count() == 2


def test_next_and_previous_follow_the_list_one_came_from(as_sam, ana, ben, cleo):
    def step(customer, way, state):
        return as_sam.get(reverse(f"crm:customer_{way}", args=[customer.pk]), {"from": state})["Location"]

    assert step(ana, "next", "sort=name") == f"{card(ben)}?from=sort%3Dname"
    assert step(ana, "next", "sort=-name") == "/customers/?sort=-name"
    assert step(cleo, "previous", "") == f"{card(ben)}?from="
    assert step(ana, "next", "name=lin&name=oka") == f"{card(ben)}?from=name%3Dlin%26name%3Doka"


def test_who_comes_from_the_list_with_nothing_asked_has_neighbours_and_a_way_back_too(as_sam, ana, ben):
    found = re.search(rf'href="({card(ben)}[^"]*)"', as_sam.get("/customers/").content.decode())
    page = as_sam.get(found[1]).content.decode()

    for way in ("previous", "next"):
        assert f'href="{reverse(f"crm:customer_{way}", args=[ben.pk])}?from="' in page
    assert reverse("crm:customer_next", args=[ben.pk]) not in as_sam.get(card(ben)).content.decode()


def test_somebody_who_may_only_look_cannot_write(client, ana, monkeypatch):
    monkeypatch.setitem(__import__("shop.rights", fromlist=["ROLES"]).ROLES, "support", {"customers.view"})
    client.force_login(build.user("support"))

    assert client.get(card(ana)).status_code == 200
    assert "composer" not in client.get(card(ana)).content.decode()
    assert client.post(reverse("crm:notes", args=[ana.pk]), {"kind": "call", "body": "x"}).status_code == 403
    assert client.post(reverse("crm:field", args=[ana.pk, "city"]), {"city": "x"}).status_code == 403


def test_advice_without_a_button_of_its_own_gets_the_phone(ana):
    advice = NextStep(text="Get in touch.", weight=1)

    assert by_phone(advice, list(ana.identifiers.filter(kind="phone"))).action_url == "tel:+447700900142"
    assert by_phone(advice, []) == advice
    assert by_phone(None, []) is None


def test_the_heaviest_advice_is_the_one_that_is_shown(as_sam, sam, ana):
    build.task(sam, "Send a plate", due_in=-1, customer=ana)

    page = as_sam.get(card(ana)).content.decode()

    assert page.count("next-step__text") == 1
    assert "Send a plate." in page
    assert "Due yesterday." in page
