"""A connection of the pool is asked whether it is there, unless it has just shown that it is."""

import time

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from config.patience import PatientConnection


def to_the_database():
    ways = connection.get_connection_params()
    return {name: ways[name] for name in ("host", "port", "user", "password", "dbname") if name in ways}


@pytest.fixture
def held(db):
    with PatientConnection.connect(**to_the_database(), autocommit=True) as held:
        held.execute("SELECT 1")
        yield held


@pytest.fixture
def waited(monkeypatch):
    """How often somebody waited for the server."""
    times, wait = [], psycopg.Connection.wait
    monkeypatch.setattr(psycopg.Connection, "wait", lambda *args, **options: times.append(1) or wait(*args, **options))
    return times


def hang_up_on(held):
    with psycopg.connect(**to_the_database(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [held.info.backend_pid])
    until = time.monotonic() + 120
    while not held._stirs():
        assert time.monotonic() < until, "the server hangs up"


def test_who_spoke_a_moment_ago_is_not_asked(held, waited):
    ConnectionPool.check_connection(held)

    assert waited == []


def test_who_was_silent_for_long_is_asked(held, waited):
    held.heard -= PatientConnection.LONG + 1

    ConnectionPool.check_connection(held)

    assert waited


def test_who_was_hung_up_on_is_found_out_at_once(held):
    hang_up_on(held)

    with pytest.raises(psycopg.OperationalError):
        ConnectionPool.check_connection(held)
