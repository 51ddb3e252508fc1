import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
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
def _emptying_tables_between_tests_names_its_reason():
    """Append-only tables refuse TRUNCATE, which transactional tests use to clean up after themselves."""
    plain = DatabaseOperations.sql_flush

    def sql_flush(self, *args, **options):
        statements = plain(self, *args, **options)
        return ["SET LOCAL regulars.reason = 'retention:tests'", *statements] if statements else []

    DatabaseOperations.sql_flush = sql_flush
    yield
    DatabaseOperations.sql_flush = plain
