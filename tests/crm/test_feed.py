"""The feed of events: none is left out, also of transactions that end in another order than they began."""

import psycopg
import pytest
from django.db import connection

from crm.events import feed
from crm.models import Event
from tests import build
from tests.api import Program

OPEN = """
INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, data)
VALUES ('note.logged', now(), now(), %s, '', '', '{"kind": "call"}') RETURNING id
"""


@pytest.fixture
def program(db):
    return Program("customers.view")


def told(customer, number=1):
    return [Event.record("note.logged", customer=customer, kind="call") for _ in range(number)]


def ids(page):
    return [one["id"] for one in page["results"]]


@pytest.mark.django_db(transaction=True)
def test_what_an_open_transaction_writes_is_not_lost():
    ana, program = build.customer(), Program("customers.view")
    place = program.get("events/?cursor=now").json()["next"]
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        (early,) = other.execute(OPEN, [ana.pk]).fetchone()
        (late,) = told(ana)
        waiting = program.get(f"events/?cursor={place}").json()
        other.commit()

    page = program.get(f"events/?cursor={waiting['next']}").json()

    assert (ids(waiting), ids(page)) == ([], [early, late.pk])
    assert early < late.pk
    assert ids(program.get(f"events/?cursor={page['next']}").json()) == []


@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_of_another_database_holds_nothing_up():
    program = Program("customers.view")
    place = program.get("events/?cursor=now").json()["next"]
    elsewhere = {"cursor_factory": psycopg.Cursor, "dbname": "template1"}
    with psycopg.connect(**connection.get_connection_params() | elsewhere) as other:
        other.execute("SELECT pg_current_xact_id()")
        (event,) = told(build.customer())

        page = program.get(f"events/?cursor={place}&kind=note.logged").json()

    assert ids(page) == [event.pk]


@pytest.mark.django_db(transaction=True)
def test_it_is_read_in_pages_and_each_event_comes_once():
    events, program = told(build.customer(), 5), Program("customers.view")
    seen, place, more = [], "start", True
    while more:
        page = program.get(f"events/?limit=2&kind=note.logged&cursor={place}").json()
        seen, place, more = seen + ids(page), page["next"], page["more"]

    assert seen == [event.pk for event in events]


def test_who_answered_what_needs_its_own_scope(program):
    for query in ("kind=response.recorded", "limit=200"):
        answer = program.get(f"events/?{query}").json()
        assert not any(one["kind"].startswith("response") for one in answer["results"])


def test_a_place_of_another_database_is_refused(program):
    elsewhere = program.get("events/?cursor=abc.12.7")
    nonsense = [program.get(f"events/?{query}").status_code for query in ("cursor=x", "kind=x", "limit=0", "what=1")]

    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "feed_restarted")
    assert nonsense == [400] * 4


@pytest.mark.django_db(transaction=True)
def test_after_a_restore_what_came_along_stands_before_all_that_follows():
    (event,) = told(build.customer())
    program = Program("customers.view")

    feed.begin_anew()

    assert ids(program.get("events/?kind=note.logged").json()) == [event.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT xact FROM crm_event")
        assert cursor.fetchall() == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_it_asks_as_often_for_fifty_as_for_one(django_assert_max_num_queries):
    ana, program = build.customer(), Program("customers.view")
    told(ana)
    with django_assert_max_num_queries(20) as few:
        program.get("events/")
    told(ana, 50)
    with django_assert_max_num_queries(len(few)):
        assert len(ids(program.get("events/").json())) == 51
