"""Parallel redemptions over HTTP through two server processes. Without the guard they overspend: it is what holds."""

from collections import Counter
from contextlib import nullcontext

import pytest
from django.db import connection

from crm.models import Order
from loyalty.models import Account, Checkout, Entry, Grant, Redemption
from loyalty.points.checking import check
from tests import build
from tests.loyalty.discounts.making import grant
from tests.loyalty.till.making import lines, points
from tests.races.gate import closed_until
from tests.races.serving import at_once, two_processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("till race")]

RULES = {
    "points": [
        ("loyalty_account", "account_sums_are_not_negative"),
        ("loyalty_lot", "lot_keeps_what_is_left"),
    ],
    "codes": [("loyalty_grant", "grant_is_not_used_more_than_it_may")],
}


@pytest.fixture
def unruled(request):
    """The database does without its rules too."""
    rules = RULES.get(request.param, [])
    with connection.cursor() as cursor:
        said = []
        for table, name in rules:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            said.append((table, name, cursor.fetchone()[0]))
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield request.param
        for table, name, rule in said:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} NOT VALID")


def unguarded(without):
    """Two have looked before anybody takes."""
    return closed_until(2) if without else nullcontext()


def told(web, path, body, key):
    """A machine that is too busy says 503; asked again with the same key it does it once."""
    for _try in range(5):
        status, answer = web.post(path, body, key=key)
        if status != 503:
            break
    return status, answer


def sell(web, body):
    def one(number):
        status, held = told(web, "till/holds/", {**body, "reference": f"P-{number}"}, f"hold-{number}")
        if status != 201 or (body.get("codes") and not held["discounts"]):
            return held.get("code") or "without the code"
        return told(web, f"till/holds/{held['hold']}/commit/", {}, f"paid-{number}")[0]

    return one


def sell_at_once(web, body):
    def one(number):
        status, sale = told(web, "till/sales/", {**body, "reference": f"P-{number}"}, f"sale-{number}")
        return 200 if status == 201 else sale["code"]

    return one


@pytest.mark.parametrize("way", [sell, sell_at_once])
@pytest.mark.parametrize("unruled", ["", "points"], indirect=True)
def test_fifty_at_once_spend_the_last_hundred_points_once(unruled, way, ana, tmp_path):
    points(ana, 100)
    key = build.api_key("till", "till.use")
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 100}

    with two_processes(tmp_path, key, without=unruled) as web, unguarded(unruled):
        answers = Counter(at_once(way(web, body), 50))

    spent = -sum(entry.points for entry in Entry.objects.filter(kind=Entry.Kind.REDEEM))
    if unruled:
        assert spent > 100
    else:
        assert answers == {200: 1, "not_enough_points": 49}
        assert (spent, Account.objects.get().available, Order.objects.filter(source="shop", total=19).count()) == (
            100,
            0,
            1,
        )


@pytest.mark.parametrize(
    ("unruled", "uses", "attempts"), [("", 30, 150), ("", 1000, 5000), ("codes", 1, 16)], indirect=["unruled"]
)
def test_a_code_is_used_as_often_as_it_may_be(unruled, uses, attempts, db, tmp_path):
    grant(None, code="WELCOME2345", uses=uses)
    key = build.api_key("till", "till.use")
    body = {"lines": lines("20.00"), "codes": ["WELCOME2345"]}

    with two_processes(tmp_path, key, without=unruled) as web, unguarded(unruled):
        answers = Counter(at_once(sell(web, body), attempts))

    used = Redemption.objects.filter(state="committed").count()
    if unruled:
        assert used > uses
    else:
        assert answers == {200: uses, "without the code": attempts - uses}
        assert (used, Grant.objects.get().taken) == (uses, uses)


def test_one_order_held_and_paid_at_once_from_everywhere_is_one(ana, tmp_path):
    points(ana, 1000)
    grant(ana)
    key = build.api_key("till", "till.use", "orders.add")
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 100, "reference": "1001"}
    told = {"reference": "1001", "placed_at": "2026-03-01T10:00:00Z", "total": "17.00"}
    told["customer"] = {"email": "ana@people.example"}

    with two_processes(tmp_path, key) as web:
        holds = at_once(lambda _: web.post("till/holds/", body), 24)
        hold = holds[0][1]["hold"]
        ends = at_once(
            lambda n: web.post("orders/", told) if n % 3 == 0 else web.post(f"till/holds/{hold}/commit/", {}), 24
        )

    assert {answer["hold"] for _status, answer in holds} == {hold}
    assert sorted(status for status, _answer in holds) == [200] * 23 + [201]
    assert {status for status, _answer in ends} <= {200, 201}
    assert Order.objects.filter(reference="1001").count() == 1
    assert Checkout.objects.get().state == "paid"
    account = Account.objects.get()
    assert (account.available, account.held) == (900, 0)


def test_one_order_sold_and_told_at_once_from_everywhere_is_one(ana, tmp_path):
    points(ana, 1000)
    key = build.api_key("till", "till.use", "orders.add")
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 100, "reference": "1001"}
    order = {"reference": "1001", "placed_at": "2026-03-01T10:00:00Z", "total": "19.00"}
    order["customer"] = {"email": "ana@people.example"}

    with two_processes(tmp_path, key) as web:
        answers = at_once(lambda n: web.post("orders/", order) if n % 3 == 0 else web.post("till/sales/", body), 24)

    assert {status for status, _answer in answers} <= {200, 201}
    assert Order.objects.filter(reference="1001").count() == 1
    assert Checkout.objects.get().state == "paid"
    assert Account.objects.get().available == 900
    assert check().differences == []


def test_returns_of_the_same_goods_at_once_give_them_back_once(ana, tmp_path):
    points(ana, 1000)
    key = build.api_key("till", "till.use")
    body = {"customer": {"id": ana.pk}, "lines": lines("3x10.00"), "use_points": 300}

    with two_processes(tmp_path, key) as web:
        sell(web, body)(1)
        back = {"reference": "P-1", "lines": [{"position": 1, "quantity": 1}]}
        answers = Counter(at_once(lambda _: web.post("till/returns/", back)[0], 12))

    order = Order.objects.get(reference="P-1")
    assert answers == {201: 3, 409: 9}
    assert (order.refunded, order.kept) == (27, 0)
    assert Account.objects.get().available == 1000
    assert check().differences == []
