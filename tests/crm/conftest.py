import pytest
from django.db import connection
from django.test import Client


@pytest.fixture
def as_sam(client: Client, sam) -> Client:
    """The browser of somebody in support."""
    client.force_login(sam)
    return client


@pytest.fixture
def as_mira(client: Client, mira) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture
def ask_for_every_row(db):
    """The planner asks a subquery anew for every row, as it may where it expects few."""
    with connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize", "indexscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
