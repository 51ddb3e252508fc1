import pytest
from django.test import Client

from tests import build
from tests.crm.segments.test_list import figures

CUSTOMERS = "/api/v1/customers/"


@pytest.fixture
def api(db):
    return Client(headers={"Authorization": f"Bearer {build.api_key('crm', 'customers.view')}"})


def names(answer):
    return [row["given_name"] for row in answer.json()["results"]]


def test_a_program_asks_in_the_words_of_the_list(api, ana, ben, cleo):
    ana.edit(actor="", city="Ludlow")
    ben.edit(actor="", city="Hereford")

    assert names(api.get(CUSTOMERS)) == ["Ana", "Ben", "Cleo"]
    assert names(api.get(CUSTOMERS, {"city": ["ludl", "heref"], "sort": "-name"})) == ["Ben", "Ana"]
    assert names(api.get(CUSTOMERS, {"city.not": "ludlow"})) == ["Ben", "Cleo"]
    assert names(api.get(CUSTOMERS, {"city": "ludl", "name": "ben", "match": "any"})) == ["Ana", "Ben"]


def test_a_customer_comes_with_numbers_and_facets(api, ana):
    build.identifier(ana, "external", "R-1", source="shop")
    figures(ana, net=15)

    row = api.get(CUSTOMERS).json()["results"][0]

    assert row["id"] == ana.pk
    assert row["numbers"] == [{"kind": "external", "source": "shop", "value": "R-1"}]
    assert (row["email"], row["phone"], row["net"]) == ("ana@people.example", "+44 7700 900142", "15.000")
    assert "at_stake" not in row


@pytest.mark.parametrize("sort", ["name", "-net"])
def test_pages_follow_each_other_by_their_cursor(api, sort):
    made = [build.customer(f"Somebody{number:02}") for number in range(7)]
    for customer in made[:4]:
        figures(customer, net=customer.pk)

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(CUSTOMERS, {"limit": "3", "sort": sort, **({"cursor": cursor} if cursor else {})}).json()
        seen += [row["id"] for row in page["results"]]
        cursor = page["next"]

    assert len(seen) == 7
    assert set(seen) == {customer.pk for customer in made}


@pytest.mark.parametrize(
    "asked",
    [
        {"colour": "red"},
        {"at_stake": "5.."},
        {"created": "soon"},
        {"owner": "me"},
        {"sort": "password"},
        {"cursor": "abc"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "٣"},
        {"q": "a\x07"},
    ],
)
def test_a_question_that_cannot_be_read_is_refused(api, ana, asked):
    answer = api.get(CUSTOMERS, asked)

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_shared_views_are_segments_and_private_ones_are_not(api, sam, ana, ben):
    ana.edit(actor="", city="Ludlow")
    shared = build.segment(sam, shared_at="2026-01-01T00:00Z")
    private = build.segment(sam, "Private")

    listed = api.get("/api/v1/segments/").json()["results"]
    found = api.get(f"/api/v1/segments/{shared.pk}/customers/")
    hidden = api.get(f"/api/v1/segments/{private.pk}/customers/")

    assert [(one["id"], one["name"], one["question"]) for one in listed] == [(shared.pk, "From Ludlow", "city=Ludlow")]
    assert names(found) == ["Ana"]
    assert hidden.status_code == 404


def test_a_page_of_fifty_asks_as_often_as_a_page_of_one(api, ana, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    api.get(CUSTOMERS)
    with CaptureQueriesContext(connection) as one:
        api.get(CUSTOMERS)
    for number in range(50):
        build.customer(f"More {number}", email=f"more{number}@people.example")

    with django_assert_num_queries(len(one)):
        api.get(CUSTOMERS)
