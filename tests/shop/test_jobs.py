"""A job whose database goes away is taken up again; one that cannot work is said to have failed."""

import pytest
from django.db import connection, transaction

from shop.jobs import job
from shop.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@job("tests.loses_its_connection")
def loses_its_connection(job):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@job("tests.takes_too_long")
def takes_too_long(job):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        cursor.execute("SELECT pg_sleep(5)")


@job("tests.breaks")
def breaks(job):
    raise ValueError("ana@people.example")


def after(task):
    asked = Job.request(task.name)
    task(asked.pk)
    connection.close()
    return Job.objects.get(pk=asked.pk)


def test_a_job_that_lost_its_connection_waits_for_its_next_turn():
    lost = after(loses_its_connection)

    assert (lost.state, lost.error, lost.lease_until) == (Job.State.QUEUED, "OperationalError", None)
    assert 5 < (lost.due_at - lost.started_at).total_seconds() < 60


def test_a_job_that_loses_its_connection_every_time_is_given_up():
    asked = Job.request(loses_its_connection.name)
    for _ in range(6):
        Job.objects.filter(pk=asked.pk).update(due_at=asked.requested_at)
        loses_its_connection(asked.pk)

    asked.refresh_from_db()
    assert (asked.state, asked.error) == (Job.State.FAILED, "stopped five times before its end")


def test_a_statement_that_took_too_long_is_not_tried_again():
    assert after(takes_too_long).state == Job.State.FAILED


def test_a_job_that_breaks_says_what_kind_of_error_and_not_its_words():
    assert (after(breaks).state, after(breaks).error) == (Job.State.FAILED, "ValueError")
