import pytest
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from hypothesis import settings

from tests.cast import ada, ana, ben, cleo, mira, sam

# A busy machine makes a slow example, and that is no fault of what is tested.
settings.register_profile("busy machines", deadline=None)
settings.load_profile("busy machines")

__all__ = ["ada", "ana", "ben", "cleo", "mira", "sam"]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_support(sam):
    return signed_in(sam)


@pytest.fixture
def as_manager(mira):
    return signed_in(mira)


@pytest.fixture
def as_administrator(ada):
    return signed_in(ada)


@pytest.fixture(autouse=True, scope="session")
def _transactional_tests_leave_empty_tables():
    """Django's own way takes a second: it makes the files of every table anew, and all content types and permissions.

    As a replica PostgreSQL asks neither foreign keys nor triggers, so append-only tables can be emptied too.
    """
    plain = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = _empty_all_tables
    yield
    TransactionTestCase._fixture_teardown = plain


def _empty_all_tables(_test_case):
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    facts = set(tables) - {"django_content_type", "auth_permission"}
    statements = [f'DELETE FROM "{table}"' for table in sorted(facts)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *statements]))
