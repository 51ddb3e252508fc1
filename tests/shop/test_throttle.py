from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from shop.asking import ask
from shop.models import Throttle

MINUTE = timedelta(minutes=1)


def test_after_the_limit_the_next_try_is_refused_until_the_window_ends(db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        verdicts = [Throttle.hit("login", "a", 3, MINUTE) for _ in range(5)]
        clock.shift(61)
        later = Throttle.hit("login", "a", 3, MINUTE)

    assert [(v.allowed, v.left) for v in verdicts] == [(True, 2), (True, 1), (True, 0), (False, 0), (False, 0)]
    assert 55 <= verdicts[-1].retry_after <= 61
    assert (later.allowed, later.left) == (True, 2)


def test_keys_and_scopes_count_apart_and_can_be_forgotten(db):
    Throttle.hit("login", "a", 1, MINUTE)

    assert Throttle.hit("login", "b", 1, MINUTE).allowed
    assert Throttle.hit("reset", "a", 1, MINUTE).allowed
    assert not Throttle.hit("login", "a", 1, MINUTE).allowed
    Throttle.forget("login", "a")
    assert Throttle.hit("login", "a", 1, MINUTE).allowed


def test_the_table_does_not_say_who_tried(db):
    Throttle.hit("login", "ana@people.example", 1, MINUTE)

    assert b"ana" not in bytes(Throttle.objects.get().digest)


@pytest.mark.django_db(transaction=True)
def test_of_64_parallel_tries_exactly_the_limit_is_let_through():
    def one(_):
        try:
            return Throttle.hit("login", "a", 10, MINUTE).allowed
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        allowed = list(threads.map(one, range(64)))

    assert sum(allowed) == 10


def test_several_tries_are_counted_at_once_each_against_its_own_limit(db):
    tries = [("address", "a", 9), ("link", "b", 1)]

    verdicts = [Throttle.hit_each(tries, MINUTE) for _ in range(2)]

    assert [[one.allowed for one in each] for each in verdicts] == [[True, True], [True, False]]
    assert verdicts[1][0].left == 7
    assert Throttle.hit("address", "a", 9, MINUTE).left == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("inside", "told"), [(True, ()), (False, ("off",))])
def test_only_a_count_of_its_own_does_not_wait_for_the_disk(inside, told, monkeypatch):
    said = []
    monkeypatch.setattr("shop.models.throttle.ask", lambda sql, values: said.extend(ask(sql, values)) or said)

    with transaction.atomic() if inside else nullcontext(), connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        Throttle.hit("login", "a", 10, MINUTE)
        cursor.execute("SHOW synchronous_commit")
        left = cursor.fetchone()

    assert said[0][2:] == told
    assert left == ("on",)
