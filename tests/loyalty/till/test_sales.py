"""Sold in one request: it must leave what a hold and its commit leave, to the last row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import Event, Order, Reaction
from loyalty.models import Allocation, Checkout, Entry, Grant, Hold, Lot, Redemption
from loyalty.points.checking import check
from loyalty.programme.settling import is_first, settle, tier_on
from loyalty.till.knowing import know
from tests import build
from tests.loyalty.discounts.making import grant
from tests.loyalty.till.making import lines, points, rule, sums

ITS_OWN = ("hold", "order", "customer", "reference", "expires_at")


def rows(customer):
    """What a sale leaves, without numbers and moments."""
    accounts = {"account__customer": customer}
    orders = Order.objects.filter(customer=customer)
    of_order = {"order__customer": customer}
    return {
        "orders": list(orders.values_list("goods", "discount", "shipping", "total", "net", "source", "channel")),
        "paid": [order.paid_at == order.placed_at for order in orders],
        "lines": list(orders.values_list("lines__sku", "lines__quantity", "lines__discount", "lines__paid")),
        "entries": list(Entry.objects.filter(**accounts).values_list("kind", "points", "reason", "note", "snapshot")),
        "lots": list(Lot.objects.filter(**accounts).order_by("pk").values_list("remaining", "held")),
        "taken": list(Allocation.objects.filter(lot__account__customer=customer).values_list("points")),
        "events": sorted(Event.objects.filter(**of_order).values_list("kind", "data__total", "data__points")),
        "reactions": sorted(Reaction.objects.filter(event__order__customer=customer).values_list("name", "attempts")),
        "checkouts": list(
            Checkout.objects.filter(customer=customer).values_list(
                "state", "points", "point_value", "earns", "full", "discount", "by_points", "basket", "contact"
            )
        ),
        "used": list(Redemption.objects.filter(customer=customer).values_list("state", "amount", "desired", "clipped")),
        "sums": sums(customer),
    }


BASKETS = [
    {"use_points": 250},
    {"use_points": 0},
    {"shipping": "4.99", "use_points": 333},
    {"codes": ["WELCOME2345"], "use_points": 7},
]


@pytest.mark.parametrize("basket", BASKETS)
def test_sold_at_once_is_what_is_held_and_paid(till, basket):
    one, other = build.customer("Fay New"), build.customer("Gus New")
    rule(first_order=5)
    grant(None, code="WELCOME2345", uses=2)
    for customer in (one, other):
        points(customer, 300)
        points(customer, 400, expires_at=timezone.now() + timedelta(days=9))
    body = {"lines": lines("2x20.00", "15.50"), **basket}

    held = till.sell("1", customer={"id": one.pk}, **body)
    sold = till.at_once("2", customer={"id": other.pk}, **body)

    assert sold.status_code == 201
    assert {**sold.json(), **dict.fromkeys(ITS_OWN)} == {**held, **dict.fromkeys(ITS_OWN)}
    assert rows(one) == rows(other)
    assert not Hold.objects.filter(account__customer=other).exists()
    assert check().differences == []


def test_the_same_sale_again_is_the_same_and_another_basket_is_refused(till, ana):
    points(ana, 100)
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 60}
    before = Order.objects.count()

    first, again = till.at_once(**body), till.at_once(**body)
    other = till.at_once(**{**body, "use_points": 40})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "already_paid")
    assert (sums(ana), Order.objects.count() - before) == ((40, 0, 0, 0), 1)


def test_a_sale_pays_what_its_order_had_put_aside(till, ana):
    points(ana, 100)
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 60}
    held = till.hold(**body).json()

    sold = till.at_once(**body)

    assert (sold.status_code, sold.json()["hold"], sold.json()["state"]) == (201, held["hold"], "paid")
    assert sums(ana) == (40, 0, 0, 0)


def test_what_is_refused_leaves_nothing(till, ana, ben):
    points(ana, 10)
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00")}
    build.order(ben, "20.00", reference="told")
    before = Order.objects.count()

    dear = till.at_once("1", **body, use_points=11)
    shown = till.at_once("2", **body, total="19.00")
    others = till.at_once("told", **body)

    assert [said.json()["code"] for said in (dear, shown, others)] == [
        "not_enough_points",
        "price_changed",
        "order_differs",
    ]
    assert (Checkout.objects.count(), Entry.objects.count(), Order.objects.count()) == (0, 1, before)


def test_an_order_that_was_told_before_is_paid_by_its_sale(till, ana):
    points(ana, 100)
    order = build.order(ana, "19.50", reference="1001", paid_at=None)

    sold = till.at_once("1001", customer={"id": ana.pk}, lines=lines("20.00"), use_points=50).json()

    order.refresh_from_db()
    assert (sold["order"], order.paid_at is not None) == (order.pk, True)
    assert sums(ana) == (50, 0, 0, 0)


def test_who_is_not_known_yet_gets_a_card_and_a_passer_by_none(till):
    grant(None, code="WELCOME2345")

    guest = till.at_once("1", customer={"email": "dora@people.example"}, lines=lines("20.00")).json()
    passer_by = till.at_once("2", lines=lines("20.00"), codes=["WELCOME2345"]).json()

    assert Order.objects.get(pk=guest["order"]).customer_id == guest["customer"]
    assert (passer_by["order"], passer_by["customer"], passer_by["state"]) == (None, None, "paid")
    assert Grant.objects.get().taken == 1


def test_what_was_sold_at_once_comes_back_with_its_points(till, ana):
    points(ana, 300)
    till.at_once(customer={"id": ana.pk}, lines=lines("3x10.00"), use_points=300)

    back = till.take_back(lines=[{"position": 1, "quantity": 1}]).json()
    till.take_back()

    assert (back["points_restored"], back["money"]) == (100, "9.00")
    assert sums(ana) == (300, 0, 0, 0)
    assert check().differences == []


def test_what_is_known_in_one_statement_is_what_the_programme_says(ben, django_assert_num_queries):
    rule(first_order=3, categories={"tea": 2})
    settle(build.order(ben, "20.00"))
    now = timezone.now()

    for customer, first in ((build.customer("Fay New"), True), (ben, False)):
        day = now.date()
        with django_assert_num_queries(2):  # the other one reads the time zone
            known = know(customer.pk, now)
        assert (known.first_order, known.tier) == (first, tier_on(customer.pk, day))
        assert known.first_order == is_first(Order(customer=customer, placed_at=now))
        assert known.terms
        assert (known.terms.categories, known.terms.first_order) == ({"tea": 2}, 3)
