import json

import pytest
from django.test import Client

from crm.models import CustomField, Event, Tag
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def send():
    client = Client(headers={"authorization": f"Bearer {build.api_key('till', 'customers.edit', 'customers.view')}"})

    def post(address, body):
        answer = client.post(address, json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    post.client = client
    return post


def test_tags_are_added_and_removed_by_name(send, ana):
    ana.tag(Tag.called("Old"), actor="")

    answer = send(f"/api/v1/customers/{ana.pk}/tags/", {"add": ["VIP", "vip"], "remove": ["OLD", "never seen"]})

    assert answer == (200, {"id": ana.pk, "tags": ["VIP"], "custom": {}})
    assert Event.objects.filter(kind="customer.tagged", actor__startswith="key:").count() == 1
    assert not Tag.objects.filter(name="never seen").exists()


def test_values_of_own_fields_are_set_and_the_others_stay(send, ana):
    for key, kind in (("size", "number"), ("born", "date")):
        CustomField.define(key=key, label=key, kind=kind, actor="")
    ana.edit(actor="", custom__born="2020-01-01")

    assert send(f"/api/v1/customers/{ana.pk}/custom/", {"size": 42})[1]["custom"] == {"size": 42, "born": "2020-01-01"}
    assert send(f"/api/v1/customers/{ana.pk}/custom/", {"born": None})[1]["custom"] == {"size": 42}
    assert send.client.get(f"/api/v1/customers/{ana.pk}/").json()["custom"] == {"size": 42}


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"size": "many"}, ["size"]),
        ({"nothing": 1}, ["nothing"]),
        ({"size": [1], "x": 1}, ["size", "x"]),
        ([], ["custom"]),
    ],
)
def test_what_cannot_be_read_is_refused_by_key_and_nothing_is_written(send, ana, told, named):
    CustomField.define(key="size", label="Size", kind="number", actor="")

    status, answer = send(f"/api/v1/customers/{ana.pk}/custom/", told)

    assert (status, sorted(answer["errors"])) == (400, named)
    ana.refresh_from_db()
    assert ana.custom == {}


@pytest.mark.parametrize(
    "told", [{"add": [""]}, {"add": ["\u200b"]}, {"add": "VIP"}, {"put": ["VIP"]}, {"add": ["x" * 61]}]
)
def test_a_tag_that_is_none_is_refused(send, ana, told):
    assert send(f"/api/v1/customers/{ana.pk}/tags/", told)[0] == 400
    assert not Tag.objects.exists()
