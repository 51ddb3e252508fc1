"""Questions that are put together once: whoever they are asked about, they give what they would give made anew."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from django.utils.module_loading import import_string

from config.navigation import NAVIGATION
from crm.models import Customer, Task
from shop.at_once import fetch
from shop.prepared import NOW, TODAY, prepared
from tests import build


@prepared
def open_tasks(customer):
    return Task.objects.open().filter(customer=customer).select_related("owner").order_by("due_on")


@prepared
def newer(customer):
    return Customer.objects.filter(pk=customer, created_at__gt=NOW - timedelta(days=1)).order_by("pk")


def test_one_question_about_two_people_gives_each_their_own(ana, ben, sam):
    of_ana, of_ben = build.task(sam, customer=ana, due_in=3), build.task(sam, customer=ben, due_in=1)

    asked = open_tasks(ana), open_tasks(ben)

    assert [list(rows) for rows in asked] == [[of_ana], [of_ben]]
    assert asked[0][0].owner == sam


def test_it_is_answered_together_with_others_as_it_is_alone(ana, sam, django_assert_num_queries):
    build.task(sam, customer=ana, due_in=3)
    tasks, cards = open_tasks(ana), newer(ana)

    with django_assert_num_queries(1):
        fetch([tasks, None, cards, Customer.objects.filter(pk=ana.pk)])
        assert (len(tasks), bool(cards), tasks[:1]) == (1, True, list(tasks))

    assert list(tasks) == list(open_tasks(ana))


def kept_plans(name):
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%json_agg%{name}%"])
        return cursor.fetchone()[0]


def test_together_they_are_planned_once_a_connection_too(ana, ben, sam):
    build.task(sam, customer=ben, due_in=1)
    before = kept_plans("crm_task")

    for one in (ana, ben):
        tasks = open_tasks(one)
        fetch([tasks, newer(one)])
        assert len(tasks) == (one == ben)

    assert kept_plans("crm_task") == before + 1


def test_the_moment_is_that_of_asking(ana, time_machine):
    assert newer(ana)

    time_machine.move_to(timezone.now() + timedelta(days=2))

    assert not newer(ana)


def test_a_moment_of_the_making_is_refused(ana):
    @prepared
    def due(_customer):
        return Task.objects.filter(due_on=timezone.localdate())

    with pytest.raises(ValueError, match="TODAY"):
        due(ana)


def test_an_answer_cannot_be_narrowed_down(ana):
    assert not hasattr(open_tasks(ana), "filter")


def test_every_thread_asks_over_its_own_connection(ana):
    mine, theirs = open_tasks(ana).queryset.query.get_compiler(), []

    def ask():
        theirs.append(open_tasks(ana).queryset.query.get_compiler().connection)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert mine.connection is connections["default"]
    assert theirs[0] is not mine.connection


def asked_of_pages():
    paths = [path for questions in import_string(settings.QUESTIONS).values() for path in questions]
    questions = [import_string(path) for path in paths] + [place.question for place in NAVIGATION if place.question]
    return {one.__qualname__: one.__wrapped__ for one in questions if hasattr(one.__wrapped__, "made")}


@pytest.mark.parametrize("name", asked_of_pages())
def test_putting_one_together_asks_the_shop_nothing(name):
    """No setting may be frozen into it: without `db` here, reading one fails."""
    question = asked_of_pages()[name]
    question.made.cache_clear()

    assert question.made().sql


def test_today_is_that_of_the_shop(ana, sam):
    @prepared
    def due(customer):
        return Task.objects.filter(customer=customer, due_on=TODAY)

    build.task(sam, customer=ana)

    assert due(ana)
