"""Cards and notes for programs."""

import json

import pytest
from django.test import Client

from crm.models import Customer, CustomField, Event, Note, Tag
from tests import build

pytestmark = pytest.mark.django_db
NUMBERS = iter(range(1000))


@pytest.fixture
def api():
    return Client(headers={"authorization": f"Bearer {build.api_key('web', 'customers.edit', 'customers.view')}"})


def post(api, address, **body):
    headers = {"Idempotency-Key": f"k-{next(NUMBERS)}"}
    answer = api.post(f"/api/v1/{address}", json.dumps(body), content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def test_a_card_is_made_once_and_then_found(api):
    told = {"email": "dora@people.example", "given_name": "Dora", "family_name": "Bell"}

    made, again = post(api, "cards/", **told), post(api, "cards/", **told)

    assert (made[0], again[0]) == (201, 200)
    assert made[1] == again[1]
    assert made[1]["numbers"] == [{"kind": "email", "source": "", "value": "dora@people.example"}]
    assert Customer.objects.count() == 1


def test_what_is_sent_is_set_and_the_rest_stays(api, ana, sam):
    ana.edit(actor="", city="Ludlow", company="Bell & Co")

    status, card = post(
        api, f"customers/{ana.pk}/fields/", company="", birthday="1990-05-01", time_zone="Europe/Kyiv", owner=sam.email
    )

    ana.refresh_from_db()
    assert (status, card["city"], card["company"], card["owner"]) == (200, "Ludlow", "", sam.email)
    assert (ana.birthday.isoformat(), ana.time_zone, ana.owner) == ("1990-05-01", "Europe/Kyiv", sam)
    assert Event.objects.filter(kind="customer.edited", actor__startswith="key:").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birthday", "2026-02-30"),
        ("birthday", "1066-10-14"),
        ("language", "xx"),
        ("time_zone", "Mars/Olympus"),
        ("owner", "nobody@shop.example"),
        ("name", "Ana"),
        ("merged_into", 1),
        ("about", "x" * 4001),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(api, ana, field, value):
    status, said = post(api, f"customers/{ana.pk}/fields/", city="Ludlow", **{field: value})

    assert (status, said["code"]) == (400, "invalid")
    assert Customer.objects.get(pk=ana.pk).city == ""


def test_a_conversation_is_logged_and_told_with_the_others(api, ana):
    status, note = post(api, f"customers/{ana.pk}/notes/", kind="chat", body="Where is my cup?")

    notes = api.get(f"/api/v1/customers/{ana.pk}/notes/").json()
    assert (status, notes["results"], notes["next"]) == (201, [note], None)
    assert Note.objects.get().by is None
    assert Event.objects.get(kind="note.logged").actor.startswith("key:")


def test_tags_and_own_fields_are_listed(api):
    tag = Tag.called("VIP")
    CustomField.define(key="size", label="Size", kind="choice", choices=["S", "M"], actor="")

    tags, fields = api.get("/api/v1/tags/").json(), api.get("/api/v1/fields/").json()

    assert tags["results"] == [{"id": tag.pk, "name": "VIP"}]
    assert fields["results"] == [{"key": "size", "label": "Size", "kind": "choice", "choices": ["S", "M"]}]


def test_who_may_only_look_changes_nothing(ana):
    viewer = Client(headers={"authorization": f"Bearer {build.api_key('bi', 'customers.view')}"})

    answers = [post(viewer, f"customers/{ana.pk}/{what}/", city="X") for what in ("fields", "notes")]

    assert [(status, said["code"]) for status, said in answers] == [(403, "scope_missing")] * 2
    assert viewer.get(f"/api/v1/customers/{ana.pk}/").status_code == 200


def test_a_loyalty_card_decides_also_where_its_holder_has_another_number_of_the_source(api, ana):
    build.identifier(ana, "card", "AB-77")
    build.identifier(ana, "external", "c-1", source="shop")

    status, card = post(api, "cards/", card="AB-77", source="shop", external_id="c-2")

    assert (status, card["id"]) == (200, ana.pk)
    assert set(ana.identifiers.filter(kind="external").values_list("value", flat=True)) == {"c-1", "c-2"}


@pytest.mark.parametrize("mark", [{"email": "ana@people.example"}, {"phone": "+44 20 7946 0018"}])
def test_an_address_of_somebody_with_another_number_of_the_source_is_shared(api, mark):
    status, theirs = post(api, "cards/", **mark, source="shop", external_id="c-1")

    again, other = post(api, "cards/", **mark, source="shop", external_id="c-2")

    assert (status, again) == (201, 201)
    assert theirs["id"] != other["id"]
