"""What nearly every request asks goes to the driver without a cursor; it must answer as one would."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from shop.asking import ask, ask_one
from shop.models import Throttle

pytestmark = pytest.mark.django_db
EVERYTHING = (
    "SELECT %(n)s::bigint, %(text)s::text, %(none)s::date, %(money)s::numeric, %(at)s::timestamptz, %(day)s::date"
)
VALUES = {
    "n": 7,
    "text": "Łódź %s",
    "none": None,
    "money": Decimal("0.300"),
    "at": datetime(2026, 3, 1, 10, tzinfo=UTC),
    "day": date(2026, 3, 1),
}


def test_the_driver_answers_as_a_cursor_does():
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING, VALUES)
        expected = cursor.fetchall()

    assert [ask(EVERYTHING, VALUES) for _time in range(3)] == [expected] * 3
    assert ask_one("SELECT %s::text[], %s::jsonb", [["a", "b"], json.dumps({"a": 1})]) == (["a", "b"], '{"a": 1}')
    assert ask("SELECT 1 WHERE false") == []
    assert ask("UPDATE shop_throttle SET hits = 0 WHERE false") == []


def test_counted_statements_give_the_same(django_assert_num_queries):
    with django_assert_num_queries(1):
        counted = ask(EVERYTHING, VALUES)

    assert counted == ask(EVERYTHING, VALUES)


def test_an_error_is_the_one_of_django_and_the_connection_lives_on():
    statement = "INSERT INTO shop_throttle (scope, digest, hits, ends_at) VALUES (%s, %s, %s, now())"

    with pytest.raises(IntegrityError), transaction.atomic():
        ask(statement, ["a", b"b", -1])
    with pytest.raises(DataError), transaction.atomic():
        ask("SELECT %s::bigint / 0", [1])

    assert ask(statement, ["a", b"b", 1]) == []
    assert Throttle.objects.get().hits == 1
