"""An order that arrives by itself and a checkout of the same reference become one."""

from decimal import Decimal

import pytest

from crm.models import Event, Order
from loyalty.models import Checkout
from loyalty.till.joining import join
from tests.loyalty.discounts.making import grant
from tests.loyalty.till.making import lines, points, sums

BODY = {"placed_at": "2026-03-01T10:00:00Z", "customer": {"email": "ana@people.example"}}


def told(till, total, **more):
    return till.post("orders/", {"reference": "1001", "total": total, **BODY, **more})


def held(till, ana):
    points(ana, 100)
    grant(ana)
    return till.hold(customer={"id": ana.pk}, lines=lines("20.00"), use_points=100).json()


def react(*kinds):
    join(list(Event.objects.filter(kind__in=kinds)))


def test_an_order_that_comes_before_the_commit_is_completed_by_it(till, ana):
    hold = held(till, ana)
    told(till, "17.00", paid=False)

    paid = till.commit(hold["hold"]).json()

    order = Order.objects.get(reference="1001")
    assert (paid["order"], order.paid_at is not None) == (order.pk, True)
    assert Event.objects.filter(order=order, kind="order.paid").count() == 1
    assert sums(ana) == (0, 0, 0, 0)


def test_a_paid_order_that_comes_uses_what_is_put_aside_for_it(till, ana):
    hold = held(till, ana)
    told(till, "17.00")

    react("order.placed", "order.paid")
    react("order.placed", "order.paid")

    checkout = Checkout.objects.get(pk=hold["hold"])
    assert (checkout.state, checkout.order.reference, sums(ana)) == ("paid", "1001", (0, 0, 0, 0))
    assert till.commit(hold["hold"]).json()["state"] == "paid"


def test_an_order_of_other_money_or_of_somebody_else_does_not_join(till, ana, ben):
    hold = held(till, ana)
    told(till, "20.00")

    react("order.placed")
    refused = till.commit(hold["hold"])

    assert (refused.status_code, refused.json()["code"], refused.json()["fields"]) == (409, "order_differs", ["total"])
    assert sums(ana) == (0, 0, 100, 0)


def test_the_order_told_after_the_commit_adds_what_the_till_did_not_know(till, ana):
    till.commit(held(till, ana)["hold"])

    line = {"sku": "A", "quantity": 1, "unit_price": "20", "cost": "7.50"}
    answer = told(till, "17.00", branch="Ludlow", tax="2.83", lines=[line])

    order = Order.objects.get(reference="1001")
    assert answer.status_code == 200
    assert (order.branch, order.tax, order.lines.get().cost) == ("Ludlow", Decimal("2.83"), Decimal("7.5"))
    assert (order.lines.get().paid, Event.objects.filter(kind="order.placed", order=order).count()) == (17, 1)


@pytest.mark.parametrize(("total", "who", "wrong"), [("20.00", "ana", ["total"]), ("17.00", "ben", ["customer"])])
def test_the_order_told_after_the_commit_cannot_change_money_or_customer(till, ana, ben, total, who, wrong):
    till.commit(held(till, ana)["hold"])

    answer = told(till, total, customer={"email": f"{who}@people.example"})

    assert (answer.status_code, answer.json()["fields"]) == (409, wrong)
