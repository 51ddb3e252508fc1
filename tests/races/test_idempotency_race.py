"""64 threads with connections of their own. The guard is taken away too, to see that it is what holds."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client, override_settings

from crm.models import Customer, Order, Refund
from crm.models.known_by import KnownBy
from loyalty.models import Account, Entry
from shop.models import KeptAnswer, Throttle
from tests import build

THREADS = 64
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(request):
    """Calls request(number) in 64 threads that begin together; returns the answers."""
    gate = Barrier(THREADS)

    def one(number):
        try:
            with connection.cursor() as cursor:  # who gives up waiting is told so (503), which is not what is raced for
                cursor.execute("SET lock_timeout = '120s'")
            gate.wait(300)  # of a busy machine
            return request(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def sender(*scopes, **options):
    headers = {"authorization": f"Bearer {build.api_key('till', *scopes)}"}

    def send(address, body, **more):
        client = Client(headers=headers, raise_request_exception=False)
        return client.post(address, json.dumps(body), content_type="application/json", headers=more)

    return send


def nobody_looks(monkeypatch):
    """No turn is taken, and nobody sees what was answered already."""
    monkeypatch.setattr(KeptAnswer, "take_turn", lambda client, key: (True, None))


@pytest.fixture
def without_the_guard(monkeypatch):
    """Check, then insert: no turn is taken and the row of the key is not unique."""
    nobody_looks(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_keptanswer DROP CONSTRAINT one_answer_per_client_and_key")
    yield
    KeptAnswer.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_keptanswer ADD CONSTRAINT one_answer_per_client_and_key UNIQUE (client, key)")


@pytest.mark.parametrize("guard", ["turn and constraint", "constraint", ""])
def test_one_key_sent_64_times_has_one_effect(guard, ana, request, monkeypatch):
    build.order(ana, "1000.00", reference="1001")
    send = sender("orders.add")
    if not guard:
        request.getfixturevalue("without_the_guard")
    elif guard == "constraint":
        nobody_looks(monkeypatch)

    address = "/api/v1/orders/shop/1001/refunds/"
    answers = at_once(lambda _: send(address, {"amount": "1"}, idempotency_key="k").status_code)

    effects = Refund.objects.count()
    if guard:
        assert effects == 1
        assert set(answers) <= {201, 409}
        assert 201 in answers
    else:
        assert effects > 1


def test_one_order_told_64_times_at_once_is_one_order_of_one_customer(db):
    send = sender("orders.add")
    told = {
        "reference": "1001",
        "placed_at": "2026-03-01T10:00:00Z",
        "customer": {"email": "dora@people.example"},
        "total": "5",
    }

    answers = Counter(at_once(lambda _: send("/api/v1/orders/", told).status_code))

    assert answers == {201: 1, 200: THREADS - 1}
    assert (Order.objects.count(), Customer.objects.count()) == (1, 1)


def after_all_have_looked(create):
    """Nobody makes a card before everybody has seen that there is none."""
    gate = Barrier(THREADS)

    def created(self, actor):
        gate.wait(300)
        return create(self, actor)

    return created


@pytest.mark.parametrize(
    ("known_by", "guarded"),
    [({"email": "dora@people.example"}, True), ({"phone": "07700900142"}, False), ({"external_id": "7"}, False)],
)
def test_the_first_orders_of_a_new_customer_at_once_make_one_card(known_by, guarded, monkeypatch):
    if not guarded:
        monkeypatch.setattr(KnownBy, "_take_turn", lambda self: None)
        monkeypatch.setattr(KnownBy, "_create", after_all_have_looked(KnownBy._create))
    send = sender("orders.add")
    told = {"placed_at": "2026-03-01T10:00:00Z", "customer": known_by, "total": "5"}

    answers = at_once(lambda number: send("/api/v1/orders/", {**told, "reference": str(number)}).status_code)

    assert set(answers) == {201}
    cards = Customer.objects.count()
    # A customer number is unique in the database too; an e-mail or a phone rests on the turns alone.
    assert (cards == 1) is (guarded or "external_id" in known_by)


@override_settings(API_PER_MINUTE=10)
def test_of_64_requests_at_once_ten_pass_whatever_they_say_about_where_they_come_from(db):
    send = sender("orders.add")
    Throttle.objects.all().delete()

    answers = Counter(
        at_once(lambda number: send("/api/v1/orders/", {}, x_forwarded_for=f"203.0.113.{number}").status_code)
    )

    assert answers == {400: 10, 429: THREADS - 10}


def an_adjustment(send, ana):
    return f"/api/v1/customers/{ana.pk}/points/adjustments/", {"points": 7, "reason": "gesture"}


def a_sale_for_points(send, ana):
    return "/api/v1/till/sales/", {**a_basket(ana), "reference": "1001"}


def a_hold_that_is_paid(send, ana):
    held = send("/api/v1/till/holds/", {**a_basket(ana), "reference": "1001"}, idempotency_key="hold").json()
    return f"/api/v1/till/holds/{held['hold']}/commit/", {}


def an_order(send, ana):
    told = {"reference": "1001", "placed_at": "2026-03-01T10:00:00Z", "total": "5"}
    return "/api/v1/orders/", {**told, "customer": {"email": "ana@people.example"}}


def a_basket(ana):
    lines = [{"sku": "A", "name": "Green tea", "quantity": 1, "unit_price": "20.00"}]
    return {"customer": {"id": ana.pk}, "lines": lines, "use_points": 100}


@pytest.mark.parametrize(
    ("prepared", "moved"), [(an_adjustment, 7), (a_sale_for_points, -100), (a_hold_that_is_paid, -100), (an_order, 0)]
)
def test_what_moves_points_or_money_is_done_once_with_one_key(prepared, moved, ana):
    Account.of(ana).earn(1000, reason="order", key="start")
    send = sender("till.use", "orders.add", "points.adjust")
    address, body = prepared(send, ana)

    answers = at_once(lambda _: send(address, body, idempotency_key="k").status_code)

    assert set(answers) <= {200, 201, 409}
    assert {200, 201} & set(answers)
    account = Account.objects.get()
    assert (account.available, account.held) == (1000 + moved, 0)
    assert Entry.objects.count() == 1 + bool(moved)
    assert Order.objects.filter(reference="1001").count() == (prepared is not an_adjustment)
