import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from tests.cast import ada, ana, ben, cleo, mira, sam

__all__ = ["ada", "ana", "ben", "cleo", "mira", "sam"]


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
