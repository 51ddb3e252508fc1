"""The list answers who may be written to as the one decision does."""

import pytest
from django.http import QueryDict

from crm.contact.budget import may_contact
from crm.models import Customer, Suppression
from crm.segments.question import Question
from tests import build
from tests.crm.contact.conftest import NOON

pytestmark = pytest.mark.usefixtures("london")


@pytest.fixture
def people(ana, ben, cleo, allows):
    both = build.customer("Dora Both", email="d1@people.example")
    build.identifier(both, "email", "d2@people.example")
    allows(ana, "offers", "birthday")
    allows(ben, "offers", "feedback", state="refused")
    allows(both, "offers", address="d2@people.example")
    allows(both, "offers", state="withdrawn", address="d1@people.example")
    gone = build.customer("Emil Gone", email="gone@people.example")
    build.order(gone)
    allows(gone, "offers")
    Suppression.note("gone@people.example", "hard")
    build.customer("Finn Silent")
    return Customer.objects.all()


def asked(user, query):
    return set(Question.read(QueryDict(query), user).customers.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("facet", "purpose"),
    [
        ("offers_by_email", "offers"),
        ("surveys_by_email", "feedback"),
        ("points_by_email", "points"),
        ("birthday_by_email", "birthday"),
    ],
)
def test_each_facet_finds_those_who_may_be_written_to(sam, people, facet, purpose):
    allowed = {customer.pk for customer in people if may_contact(customer, purpose, NOON).allowed}

    assert asked(sam, f"{facet}=yes") == allowed
    assert asked(sam, f"{facet}=no") == {customer.pk for customer in people} - allowed


def test_addresses_that_do_not_arrive_are_found(sam, people):
    assert asked(sam, "address_suppressed=yes") == {people.get(given_name="Emil").pk}


def test_who_objects_to_scoring_is_found(sam, people, ana, allows):
    allows(ana, "profiling", state="refused")

    assert asked(sam, "objects_to_profiling=yes") == {ana.pk}
