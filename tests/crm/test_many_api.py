"""Many at once: each order and each customer as if it had come alone."""

from decimal import Decimal

import pytest

from crm.models import Customer, Event, Identifier, Order, Reaction
from tests import build
from tests.api import Program
from tests.crm.test_orders_api import told


@pytest.fixture
def program(db):
    return Program("orders.add", "customers.edit")


def send(program, *orders):
    return program.post("orders/bulk/", {"orders": list(orders)}, key=None).json()["results"]


def statuses(results):
    return [one["status"] for one in results]


def known_by(customer):
    return sorted(Identifier.objects.filter(customer=customer).values_list("kind", flat=True))


def of(number, **fields):
    buyer = {"external_id": f"c-{number}", "email": f"c{number}@people.example", "given_name": "Dora"}
    return told(reference=f"R-{number}", customer=buyer, lines=[{"sku": "tea", "unit_price": "19.90"}], **fields)


def test_each_order_is_placed_with_its_customer_its_lines_and_its_reactions(program):
    results = send(program, *(of(number) for number in range(3)))

    assert statuses(results) == [201, 201, 201]
    assert Customer.objects.count() == Order.objects.count() == 3
    assert [line.paid for order in Order.objects.all() for line in order.lines.all()] == [Decimal("19.90")] * 3
    assert Event.objects.filter(kind="order.placed", customer=results[0]["customer"]).count() == 1
    assert Reaction.objects.filter(event__kind="order.placed").count() == 3 * 6
    assert None not in Order.objects.values_list("came_by", flat=True)


def test_all_of_it_again_changes_nothing(program):
    first = send(program, *(of(number) for number in range(3)))

    again = send(program, *(of(number) for number in range(3)))

    assert [one["id"] for one in again] == [one["id"] for one in first]
    assert statuses(again) == [200, 200, 200]
    assert Event.objects.filter(kind__in=["order.placed", "customer.created"]).count() == 6


def test_what_is_wrong_is_told_where_it_stands_and_stops_nothing_else(program):
    send(program, of(1))

    results = send(program, of(0), of(1, total="5"), {"reference": "x"}, of(2), 7)

    assert statuses(results) == [201, 409, 400, 201, 400]
    assert results[1]["fields"] == ["total"]
    assert "total" in results[2]["errors"]


def test_one_customer_of_several_orders_gets_one_card(program):
    one, other = of(1), of(1)
    other["reference"] = "R-2"
    by_mail = {**of(1), "reference": "R-3", "customer": {"email": "c1@people.example"}}

    results = send(program, one, other, by_mail, one)

    assert statuses(results) == [201, 201, 201, 200]
    assert len({one["customer"] for one in results[:3]}) == 1
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("buyer", ["family", "merged", "added", "new number", "our card"])
def test_whose_it_is_is_decided_as_for_one(program, buyer):
    """Each is told alone too, in a shop that is the same."""

    def shop(n):
        mum = build.customer("Mia Bell", email=f"bells{n}@people.example")
        build.identifier(mum, "external", f"m-{n}", "shop")
        build.customer("Sol Bell", email=f"bells{n}@people.example")
        gone = build.customer(email=f"gone{n}@people.example")
        Customer.objects.filter(pk=gone.pk).update(merged_into=mum)
        buyers = {
            "family": {"email": f"bells{n}@people.example", "given_name": "Mia", "family_name": "Bell"},
            "merged": {"email": f"gone{n}@people.example"},
            "added": {"external_id": f"m-{n}", "phone": f"+4420794600{n}0"},
            "new number": {"external_id": f"new-{n}", "email": f"bells{n}@people.example"},
            "our card": {"card": mum.card_number},
        }
        return buyers[buyer]

    alone = program.post("orders/", told(reference="a", customer=shop(1)), key=None).json()["customer"]
    (many,) = send(program, told(reference="b", customer=shop(2)))

    assert Customer.objects.get(pk=many["customer"]).name == Customer.objects.get(pk=alone).name
    assert known_by(many["customer"]) == known_by(alone)


def test_many_ask_as_often_as_few(program, django_assert_max_num_queries):
    send(program, of(0), of(1))
    with django_assert_max_num_queries(60) as few:
        send(program, of(2), of(3))

    with django_assert_max_num_queries(len(few)):
        assert set(statuses(send(program, *(of(number) for number in range(4, 54))))) == {201}


def test_customers_are_made_or_edited_and_told_of_once(program):
    sent = [
        {"external_id": f"c-{n}", "email": f"c{n}@people.example", "given_name": "Dora", "city": "Ludlow"}
        for n in range(3)
    ]
    made = program.post("customers/bulk/", {"customers": sent}, key=None).json()["results"]
    again = program.post("customers/bulk/", {"customers": sent}, key=None).json()["results"]
    sent[1] = {"external_id": "c-1", "city": "Hereford"}
    edited = program.post("customers/bulk/", {"customers": [*sent, {"city": "x"}]}, key=None).json()["results"]

    assert (statuses(made), statuses(again), statuses(edited)) == ([201] * 3, [200] * 3, [200, 200, 200, 400])
    assert list(Customer.objects.order_by("pk").values_list("city", flat=True)) == ["Ludlow", "Hereford", "Ludlow"]
    assert Customer.objects.get(pk=edited[1]["id"]).given_name == "Dora"
    assert Event.objects.filter(kind="customer.edited").count() == 3 + 1


def test_more_than_a_thousand_and_none_are_refused(program):
    for body in ({"orders": []}, {"orders": [{}] * 1001}, {"orders": {}}, {"order": []}, []):
        assert program.post("orders/bulk/", body, key=None).status_code == 400
