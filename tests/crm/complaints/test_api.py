"""Complaints and tasks over the API."""

import json

import pytest
from django.test import Client

from crm.models import Complaint, Event, Task
from tests import build


@pytest.fixture
def api(db):
    client = Client(headers={"authorization": f"Bearer {build.api_key('web', 'complaints.work', 'customers.edit')}"})

    def ask(method, address, body=None, **headers):
        more = {"data": json.dumps(body or {}), "content_type": "application/json"} if method == "post" else {}
        answer = getattr(client, method)(f"/api/v1/{address}", headers=headers, **more)
        return answer.status_code, answer.json()

    return ask


def test_a_complaint_comes_in_once_and_belongs_to_the_owner_of_the_card(api, ana, sam):
    ana.owner = sam
    ana.save()
    body = {"customer": {"email": "ana@people.example"}, "title": "Lid is cracked", "severity": 1}

    first = api("post", "complaints/", body, **{"idempotency-key": "a"})
    again = api("post", "complaints/", body, **{"idempotency-key": "a"})

    assert first[0] == 201
    assert first == again
    assert (first[1]["customer"], first[1]["owner"], first[1]["stage"]) == (ana.pk, "sam@shop.example", "received")
    assert Complaint.objects.get().owner == sam
    assert Event.objects.get(kind="complaint.opened").actor.startswith("key:")
    assert api("post", "complaints/", body)[1]["code"] == "idempotency_key_missing"


def test_of_an_order_it_is_the_complaint_of_who_bought_it(api, ana):
    order = ana.orders.first()
    body = {"customer": {"email": "x@y.example"}, "title": "x", "order": {"reference": order.reference}}

    status, shown = api("post", "complaints/", body, **{"idempotency-key": "b"})

    assert (status, shown["customer"], shown["order"]["reference"]) == (201, ana.pk, order.reference)
    body["order"] = {"reference": "nowhere"}
    assert api("post", "complaints/", body, **{"idempotency-key": "c"})[0] == 404


def test_steps_are_taken_and_refused_with_the_stage(api, ana):
    pk = build.complaint(ana).pk
    address = f"complaints/{pk}/stage/"

    assert api("post", address, {"to": "acknowledged"})[1]["stage"] == "acknowledged"
    assert api("post", address, {"to": "acknowledged"})[0] == 200
    status, problem = api("post", address, {"to": "told"})
    assert (status, problem["code"], problem["stage"]) == (409, "complaint_stage", "acknowledged")
    assert api("post", address, {"to": "solved", "cause": "Carrier"})[1]["cause"] == "Carrier"
    assert api("post", address, {"to": "told", "agreed": False})[1]["agreed"] is False
    assert api("post", address, {"to": "reopened", "why": "Again."})[1]["stage"] == "in_work"
    assert api("post", address, {"to": "nowhere"})[0] == 400


def test_the_list_is_asked_by_stage_and_customer_and_goes_on(api, ana, ben):
    mine = [build.complaint(ana).pk for _ in range(102)]
    build.complaint(ben, stage="closed")

    _status, page = api("get", f"complaints/?customer={ana.pk}&stage=open")
    assert [row["id"] for row in page["results"]] == mine[:100]
    rest = api("get", f"complaints/?customer={ana.pk}&stage=open&cursor={page['next']}")[1]
    assert ([row["id"] for row in rest["results"]], rest["next"]) == (mine[100:], None)
    assert len(api("get", "complaints/?stage=closed")[1]["results"]) == 1
    for wrong in ("stage=x", "customer=x", "cursor=-1", "whose=me"):
        assert api("get", f"complaints/?{wrong}")[0] == 400
    assert api("get", "complaints/999999999999/")[0] == 404


def test_tasks_are_set_listed_and_done(api, ana, sam):
    body = {"title": "Ring back", "due_on": "2026-12-31", "owner": "Sam@shop.example", "customer": ana.pk}

    status, task = api("post", "tasks/", body, **{"idempotency-key": "t"})
    assert (status, task["owner"], task["customer"]) == (201, "sam@shop.example", ana.pk)
    assert [row["id"] for row in api("get", f"tasks/?customer={ana.pk}")[1]["results"]] == [task["id"]]
    assert api("post", f"tasks/{task['id']}/done/")[1]["done_at"]
    assert api("post", f"tasks/{task['id']}/done/")[0] == 200
    assert api("get", "tasks/")[1]["results"] == []
    assert Task.objects.get().created_by is None
    assert api("post", "tasks/", {**body, "owner": "no@body.example"}, **{"idempotency-key": "u"})[0] == 400
