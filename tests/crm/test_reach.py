"""What a customer can be reached by is kept by the database, whoever writes, and the list asks it."""

import random

import pytest
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone

from crm.contact.facets import allowed
from crm.models import Consent, Customer, Identifier, Order, Reach, Suppression
from crm.segments.question import Question
from tests import build

pytestmark = pytest.mark.django_db


def facts(customer):
    return Reach.objects.values_list("email", "phone", "ordered", "bought").get(customer=customer)


def test_a_card_begins_with_nothing_and_ends_with_its_row():
    cleo = build.customer("Cleo")

    assert facts(cleo) == (False, False, False, False)

    cleo.delete()

    assert not Reach.objects.exists()


def test_an_address_is_known_at_once_and_forgotten_with_the_last_of_its_kind():
    cleo = build.customer("Cleo")
    one = Identifier.objects.create(customer=cleo, kind="email", value="c@x.example", normalised="c@x.example")
    two = Identifier.objects.create(customer=cleo, kind="email", value="d@x.example", normalised="d@x.example")

    one.delete()
    assert facts(cleo) == (True, False, False, False)

    two.delete()
    assert facts(cleo) == (False, False, False, False)


def test_an_order_counts_until_it_is_cancelled_and_as_bought_once_it_is_paid():
    cleo = build.customer("Cleo")
    order = build.order(cleo, "20.00", paid_at=None)
    assert facts(cleo)[2:] == (True, False)

    Order.objects.filter(pk=order.pk).update(paid_at=timezone.now())
    assert facts(cleo)[2:] == (True, True)

    Order.objects.filter(pk=order.pk).update(cancelled_at=timezone.now())
    assert facts(cleo)[2:] == (False, False)


def test_rows_that_move_to_another_card_take_the_facts_with_them():
    cleo, dan = build.customer("Cleo"), build.customer("Dan")
    build.order(cleo, "20.00")
    Identifier.objects.create(customer=cleo, kind="phone", value="+441", normalised="+441")

    Order.objects.filter(customer=cleo).update(customer=dan)
    Identifier.objects.filter(customer=cleo).update(customer=dan)

    assert facts(cleo) == (False, False, False, False)
    assert facts(dan) == (False, True, True, True)


def test_after_anything_at_all_the_facts_are_those_of_the_rows():
    chance, now = random.Random(5), timezone.now()
    people = [build.customer(f"P{n}") for n in range(6)]

    for step in range(150):
        one, other = chance.sample(people, 2)
        mine, theirs = Identifier.objects.filter(customer=one), Order.objects.filter(customer=one)
        match chance.randrange(6):
            case 0:
                kind, address = chance.choice(["email", "phone", "card"]), f"a{step}@x.example"
                Identifier.objects.create(customer=one, kind=kind, value=address, normalised=address)
            case 1:
                build.order(one, "5.00", paid_at=chance.choice([None, now]))
            case 2:
                mine.delete()
            case 3:
                mine.update(customer=other)
            case 4:
                theirs.update(customer=other)
            case 5:
                theirs.update(cancelled_at=chance.choice([None, now]), paid_at=chance.choice([None, now]))

    known = Identifier.objects.filter(customer=OuterRef("customer"))
    orders = Order.objects.filter(customer=OuterRef("customer"), cancelled_at=None)
    wrong = Reach.objects.exclude(
        Q(email=Exists(known.filter(kind="email")))
        & Q(phone=Exists(known.filter(kind="phone")))
        & Q(ordered=Exists(orders))
        & Q(bought=Exists(orders.filter(paid_at__isnull=False)))
    )
    assert not wrong.exists()
    assert Reach.objects.count() == 6


@pytest.mark.parametrize("purpose", [Consent.Purpose.FEEDBACK, Consent.Purpose.POINTS])
def test_the_list_finds_exactly_those_who_may_not_be_asked(purpose, ada):
    for n in range(40):
        customer = build.customer(f"P{n}")
        address = f"p{n}@x.example"
        if n % 5:
            Identifier.objects.create(customer=customer, kind="email", value=address, normalised=address)
        if n % 3:
            build.order(customer, "5.00")
        if n % 7 == 0:
            Suppression.objects.create(channel="email", address=address, reason="bounced")
        if n % 4 == 0:
            Consent.objects.create(
                customer=customer,
                channel="email",
                address=address,
                purpose=purpose,
                state=["given", "refused", "withdrawn"][n % 3],
                method="page",
                wording="As asked on the page.",
            )

    name = {"feedback": "surveys_by_email", "points": "points_by_email"}[purpose]
    found = {
        value: set(Question.read(QueryDict(f"{name}={value}"), ada).customers.values_list("pk", flat=True))
        for value in ("yes", "no")
    }

    may = set(Customer.objects.filter(allowed(purpose)).values_list("pk", flat=True))
    everybody = set(Customer.objects.values_list("pk", flat=True))
    assert found == {"yes": may, "no": everybody - may}
    assert may
    assert everybody - may
