import json
from decimal import Decimal

import pytest
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Customer, Event, Identifier, Order, Refund
from shop.models import ApiKey, Setting
from tests import build

ORDERS = "/api/v1/orders/"


@pytest.fixture
def shop_key(db):
    return build.api_key("till", "orders.add")


@pytest.fixture
def api(shop_key):
    return Client(headers={"authorization": f"Bearer {shop_key}"})


def told(**fields):
    return {
        "reference": "1001",
        "placed_at": "2026-03-01T10:00:00+00:00",
        "customer": {"external_id": "c-7", "email": "Dora@People.Example", "given_name": "Dora", "family_name": "Bell"},
        "total": "19.90",
        **fields,
    }


def send(api, body, address=ORDERS, **headers):
    body = body if isinstance(body, bytes | str) else json.dumps(body)
    return api.post(address, body, content_type="application/json", headers=headers)


def kinds():
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_an_order_of_a_new_customer_makes_both_and_tells_everybody(api):
    answer = send(api, told(goods=18.2, lines=[{"sku": "tea", "quantity": 2, "unit_price": "9.95"}]))

    assert answer.status_code == 201, answer.content
    order = Order.objects.get()
    assert answer["Location"] == "/api/v1/orders/shop/1001/"
    assert (order.total, order.goods, order.paid_at) == (Decimal("19.90"), Decimal("18.2"), order.placed_at)
    assert [line.paid for line in order.lines.all()] == [Decimal("19.90")]
    assert str(order.customer) == "Dora Bell"
    assert kinds() == ["customer.created", "order.placed"]
    assert Event.objects.last().actor.startswith("key:")


def test_the_same_order_again_is_the_same_order(api):
    first = send(api, told())

    again = send(api, told(total=19.9))

    assert (again.status_code, again.json()) == (200, first.json())
    assert kinds() == ["customer.created", "order.placed"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"total": "19.91"}, "total"),
        ({"placed_at": "2026-03-01T10:00:01Z"}, "placed_at"),
        ({"customer": {"external_id": "c-8"}}, "customer"),
        ({"lines": [{"sku": "tea"}]}, "lines"),
        ({"paid_at": "2026-03-02T10:00:00Z"}, "paid_at"),
    ],
)
def test_the_same_reference_with_another_content_is_refused_and_says_where(api, change, field):
    send(api, told())

    answer = send(api, told(**change))

    assert (answer.status_code, answer.json()["code"], answer.json()["fields"][0]) == (409, "order_differs", field)
    assert Order.objects.get().total == Decimal("19.90")


def test_an_order_told_before_it_was_paid_counts_from_its_payment(api):
    send(api, told(paid=False))
    assert Order.objects.get().net == 0

    for _ in range(2):
        assert send(api, {}, f"{ORDERS}shop/1001/payment/").status_code == 200

    assert Order.objects.get().net == Decimal("19.90")
    assert kinds() == ["customer.created", "order.placed", "order.paid"]
    assert send(api, told(paid=False)).status_code == 200


def test_a_moment_without_an_offset_is_the_shops_own(api):
    Setting.put("shop.time_zone", "Europe/Warsaw")

    send(api, told(placed_at="2026-07-01T10:00:00"))

    assert Order.objects.get().placed_at.isoformat() == "2026-07-01T08:00:00+00:00"


def test_the_customer_is_found_by_the_strongest_identifier(api, ana, ben):
    build.identifier(ben, "external", "c-7", "shop")

    send(api, told(customer={"external_id": "c-7", "email": "ana@people.example"}))

    assert Order.objects.get(reference="1001").customer == ben
    assert ben.identifiers.filter(normalised="ana@people.example").exists()


def test_what_a_known_customer_is_newly_known_by_is_added(api, ana):
    send(api, told(customer={"email": "ANA@people.example", "external_id": "a-1"}))

    assert Order.objects.get(reference="1001").customer == ana
    assert Identifier.objects.get(kind="external").customer == ana
    assert kinds() == ["customer.edited", "order.placed"]


def test_a_shared_email_leads_to_the_one_with_the_same_name_else_with_a_number_else_the_newest(api):
    mum, dad, son = (build.customer(f"{name} Bell", email="bells@people.example") for name in ("Mia", "Dan", "Sol"))
    shared = {"email": "bells@people.example"}

    send(api, told(reference="1", customer=shared))
    send(api, told(reference="2", customer={**shared, "given_name": "mia", "family_name": "bell"}))
    build.identifier(dad, "external", "d-1", "shop")
    send(api, told(reference="3", customer=shared))

    found = dict(Order.objects.values_list("reference", "customer_id"))
    assert found == {"1": son.pk, "2": mum.pk, "3": dad.pk}


def test_another_customer_number_with_the_same_email_is_another_person(api):
    send(api, told(reference="1"))

    send(api, told(reference="2", customer={"external_id": "c-8", "email": "dora@people.example"}))

    assert Customer.objects.count() == 2


def test_a_merged_card_passes_its_orders_on(api, ana, ben):
    build.identifier(ben, "card", "1234567890")
    Customer.objects.filter(pk=ben.pk).update(merged_into=ana)

    send(api, told(customer={"card": "1234567890"}))

    assert Order.objects.get(reference="1001").customer == ana


def test_a_refund_needs_a_key_and_happens_once(api, ana):
    order = build.order(ana, "50.00")
    address = f"{ORDERS}shop/{order.reference}/refunds/"

    assert send(api, {"amount": "20"}, address).json()["code"] == "idempotency_key_missing"
    first = send(api, {"amount": "20"}, address, idempotency_key="r-1")
    again = send(api, {"amount": "20"}, address, idempotency_key="r-1")

    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.json() == again.json()
    assert [r.amount for r in Refund.objects.all()] == [20]


def test_more_than_is_left_cannot_go_back_and_a_reference_is_used_once(api, ana):
    order = build.order(ana, "50.00")
    address = f"{ORDERS}shop/{order.reference}/refunds/"

    too_much = send(api, {"amount": "50.01"}, address, idempotency_key="a").json()
    first = send(api, {"amount": "1", "reference": "R-1"}, address, idempotency_key="b")
    second = send(api, {"amount": "2", "reference": "R-1"}, address, idempotency_key="c")

    assert (too_much["code"], too_much["left"]) == ("refund_too_large", "50.000")
    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 409, "refund_reference_taken")
    assert Order.objects.get(pk=order.pk).refunded == 1


def test_an_order_is_cancelled_once_and_can_be_read_with_its_own_scope(api, ana):
    order = build.order(ana, reference="2026/11/7")
    address = f"{ORDERS}shop/2026/11/7/"

    answers = [send(api, {}, f"{address}cancellation/") for _ in range(2)]

    assert [a.status_code for a in answers] == [200, 200]
    assert kinds() == ["order.cancelled"]
    assert api.get(address).json()["code"] == "scope_missing"
    reader = Client(headers={"authorization": f"Bearer {build.api_key('books', 'customers.view')}"})
    assert reader.get(address).json()["id"] == order.pk


def test_without_the_scope_nothing_is_written(ana):
    books = Client(headers={"authorization": f"Bearer {build.api_key('books', 'customers.view')}"})
    before = Customer.objects.count(), Order.objects.count()

    answer = send(books, told(), idempotency_key="k")

    assert (answer.status_code, answer.json()["scope"]) == (403, "orders.add")
    assert (Customer.objects.count(), Order.objects.count()) == before


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (told(placed_at="0001-01-01T00:00:00"), "placed_at"),
        (told(placed_at="9999-12-31T23:59:59-14:00"), "placed_at"),
        (told(placed_at="2026-02-30T10:00:00Z"), "placed_at"),
        (told(placed_at="2026-03-29T01:30:00"), "placed_at"),  # the hour that London skips
        (told(placed_at="2999-01-01T00:00:00Z"), "placed_at"),
        (told(placed_at="0001-01-01T00:00:00+14:00"), "placed_at"),
        (told(placed_at=20260301), "placed_at"),
        (told(total="-1"), "total"),
        (told(total="1.999"), "total"),
        (told(total="1e3"), "total"),
        (told(total="NaN"), "total"),
        (told(total="١٢"), "total"),
        (told(total=True), "total"),
        (told(total=10**17), "total"),
        (told(totl="1"), "totl"),
        (told(currency="XXX"), "currency"),
        (told(reference=""), "reference"),
        (told(reference=["x"]), "reference"),
        (told(source="a b"), "source"),
        (told(customer={"given_name": "Nobody"}), "customer"),
        (told(customer={"email": "no"}), "customer"),
        (told(customer={"phone": "+"}), "customer"),
        (told(customer="c-7"), "customer"),
        (told(lines=[{"colour": "red"}]), "lines"),
        (told(lines=[{}] * 501), "lines"),
        (told(paid=False, paid_at="2026-03-01T10:00:00Z"), "paid"),
        (told(paid={}), "paid"),
        ({}, "total"),
        ([], "non_field_errors"),
    ],
)
def test_what_is_not_right_is_named(api, body, where):
    answer = send(api, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.content
    assert where in answer.json()["errors"]
    assert not Order.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1e1000000}',
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 9 + b"]" * 9,
        b'{"a":' * 50_000,
    ],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(api, body):
    answer = send(api, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer["X-Request-Id"]


def test_every_refusal_has_the_same_shape(api):
    anybody = Client()
    refusals = {
        401: send(anybody, told()),
        404: send(api, told(), "/api/v1/nothing/"),
        405: api.put(ORDERS, "{}", content_type="application/json"),
        413: send(api, b'"' + b"x" * 2_000_000 + b'"'),
        415: api.post(ORDERS, {"total": "1"}),
    }
    with override_settings(API_PER_MINUTE=0):
        refusals[429] = send(api, told())

    for status, answer in refusals.items():
        body = answer.json()
        assert (answer.status_code, body["status"]) == (status, status)
        assert answer["Content-Type"] == "application/problem+json"
        assert body["title"]
        assert body["request_id"] == answer["X-Request-Id"]
    assert refusals[401]["WWW-Authenticate"] == "Bearer"
    assert int(refusals[429]["Retry-After"]) in range(1, 62)
    assert not Order.objects.exists()


def test_a_forgotten_slash_is_no_redirect(api):
    assert send(api, told(), "/api/v1/orders").status_code == 404


def test_a_nul_in_the_address_cannot_be_read(api):
    assert send(api, {}, f"{ORDERS}shop/a%00b/cancellation/").status_code == 400
    assert send(api, {}, f"{ORDERS}shop/%ff%fe/cancellation/").status_code == 404


def test_every_answer_tells_the_limit(api):
    answer = send(api, told())

    assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("1200", "1199")


def test_the_database_away_is_a_503_in_the_same_shape(api, monkeypatch):
    from django.db import OperationalError

    def away(*args):
        raise OperationalError("password authentication failed for somebody")

    monkeypatch.setattr(ApiKey, "enter", away)

    answer = send(api, told())

    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "not_available")
    assert "somebody" not in answer.content.decode()


texts = st.text(st.characters(codec=None), max_size=80)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.sampled_from(["19.90", "2026-03-01"])
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
known = st.sampled_from([*told(), "source", "paid", "paid_at", "goods", "lines", "channel", "currency"])


@pytest.mark.slow
@settings(max_examples=150)
@given(changes=st.dictionaries(known, anything, min_size=1, max_size=3))
def test_no_value_breaks_it(api, changes):
    body = json.dumps({**told(), **changes}, allow_nan=True).encode("utf-8", "surrogatepass")

    answer = send(api, body)

    assert answer.status_code < 500
    assert answer.status_code in (200, 201) or answer.json()["code"] in ("invalid", "bad_request", "order_differs")


@pytest.mark.slow
@settings(max_examples=150)
@given(body=st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
def test_no_body_breaks_it(api, body):
    assert send(api, body).status_code in (400, 200, 201)


@pytest.mark.slow
@settings(max_examples=60)
@given(buyer=st.dictionaries(st.sampled_from(["external_id", "card", "email", "phone", "given_name"]), texts))
def test_no_customer_breaks_it(api, buyer):
    assert send(api, told(customer=buyer)).status_code in (400, 409, 200, 201)


def test_a_reader_of_another_language_is_refused_in_their_own(api):
    long = told(reference="x" * 65, lines=[{"sku": "y" * 65}])

    english, polish, again = (
        send(api, long, **{"accept-language": language}).json()["errors"] for language in ("en", "pl", "en")
    )

    assert english == again != polish
    assert english["reference"] != polish["reference"]
    assert english["lines"] != polish["lines"]
