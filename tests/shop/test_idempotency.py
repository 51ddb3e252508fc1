import json
from datetime import timedelta

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone

from crm.models import Customer, Event, Order, Refund
from shop.models import ApiKey, KeptAnswer
from shop.tasks import sweep
from tests import build


@pytest.fixture
def api(db):
    return Client(headers={"authorization": f"Bearer {build.api_key('till', 'orders.add')}"})


@pytest.fixture
def order(ana):
    return build.order(ana, "50.00", reference="1001")


def refund(api, amount, key, reference="1001"):
    address = f"/api/v1/orders/shop/{reference}/refunds/"
    body = json.dumps({"amount": amount})
    return api.post(address, body, content_type="application/json", headers={"idempotency-key": key})


def test_the_same_key_and_body_get_the_same_answer(api, order):
    first, again = refund(api, "5", "k"), refund(api, "5", "k")

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Refund.objects.count() == 1


def test_the_same_key_with_another_request_is_refused(api, order, ana):
    build.order(ana, reference="1002")
    refund(api, "5", "k")

    for other in (refund(api, "6", "k"), refund(api, "5", "k", "1002")):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Refund.objects.count() == 1


def test_keys_of_different_clients_do_not_meet_and_a_client_keeps_its_answers_when_its_key_is_replaced(api, order):
    newer = Client(headers={"authorization": f"Bearer {build.api_key('till', 'orders.add')}"})
    other = Client(headers={"authorization": f"Bearer {build.api_key('webshop', 'orders.add')}"})
    refund(api, "5", "k")

    assert "Idempotency-Replayed" in refund(newer, "5", "k")
    assert "Idempotency-Replayed" not in refund(other, "5", "k")
    assert Refund.objects.count() == 2


def test_a_refusal_takes_its_work_back_and_is_kept(api, order, monkeypatch):
    first = refund(api, "60", "k")
    Order.objects.update(refunded=0, total=100)
    again = refund(api, "60", "k")

    assert (first.status_code, again.status_code) == (409, 409)
    assert first.content == again.content
    assert not Refund.objects.exists()


def test_a_refusal_after_writing_leaves_no_writing(api, order, monkeypatch):
    from crm.api import orders
    from shop.api.refusals import Refused

    def write_and_refuse(*args):
        build.customer("Half Done")
        raise Refused("changed_my_mind", "no")

    monkeypatch.setattr(orders, "find", write_and_refuse)

    assert refund(api, "5", "k").json()["code"] == "changed_my_mind"
    assert not Customer.objects.filter(given_name="Half").exists()
    assert KeptAnswer.objects.get().status == 409


@pytest.mark.parametrize(("error", "status"), [(OperationalError, 503), (RuntimeError, 500)])
def test_what_breaks_keeps_nothing_and_can_be_tried_again(api, order, monkeypatch, error, status):
    api.raise_request_exception = False

    def write_and_break(*args, **options):
        Event.record("order.cancelled", order=order, reference="1001")
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(Order, "refund", write_and_break)
        assert refund(api, "5", "k").status_code == status

    assert not KeptAnswer.objects.exists()
    assert not Event.objects.exists()
    assert refund(api, "5", "k").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "two words", "ключ"])
def test_a_key_that_is_none_is_refused(api, order, key):
    answer = refund(api, "5", key)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


@pytest.mark.django_db(transaction=True)
def test_while_the_same_request_is_being_answered_the_second_is_told_to_wait(api, order):
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('idempotency\ntill\nk', 1))")
            busy = refund(api, "5", "k")
            cursor.execute("ROLLBACK")  # a closed connection gives its locks back a moment later
    finally:
        other.close()

    assert (busy.status_code, busy["Retry-After"], busy.json()["code"]) == (409, "1", "request_in_progress")
    assert not KeptAnswer.objects.exists()
    assert refund(api, "5", "k").status_code == 201


def test_answers_are_kept_for_two_days(api, order):
    refund(api, "5", "old")
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=48, seconds=1))
    refund(api, "5", "new")

    sweep()

    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]


def test_the_name_of_a_client_fits_where_its_answers_are_kept():
    assert ApiKey._meta.get_field("name").max_length <= KeptAnswer._meta.get_field("client").max_length
