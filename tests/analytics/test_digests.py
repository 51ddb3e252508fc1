"""The digests of days are PostgreSQL's own."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from analytics.publishing.digests import digests
from analytics.purchases.reading import Purchases

DAYS = st.lists(st.integers(1, 3_000_000), min_size=1, max_size=30, unique=True).map(sorted)


def purchases(histories):
    index = np.repeat(np.arange(len(histories)), [len(days) for days in histories])
    day = np.array([day for days in histories for day in days], dtype=np.int32)
    ones = np.ones(day.size, dtype=np.int64)
    return Purchases(np.arange(1, len(histories) + 1), index, day, ones, ones)


def of_postgresql(histories):
    with connection.cursor() as cursor:
        found = []
        for days in histories:
            told = [date.min + timedelta(days=day - 1) for day in days]
            cursor.execute("SELECT hash_array_extended(%s::date[], 0)", [told])
            found.append(cursor.fetchone()[0])
    return found


@pytest.mark.django_db
@given(histories=st.lists(DAYS, min_size=1, max_size=6))
def test_days_of_customers_have_the_digest_that_the_database_tells(histories):
    assert digests(purchases(histories)).tolist() == of_postgresql(histories)


def test_without_customers_there_are_none():
    assert digests(purchases([])).size == 0
