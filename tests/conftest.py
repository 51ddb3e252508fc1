import os
from itertools import groupby

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck, settings

from doors import pytest_tables
from tests.cast import ada, ana, ben, cleo, mira, sam

# A busy machine makes a slow example, and that is no fault of what is tested. Each run tries the same examples, so that
# nobody's change is refused for what it did not touch; `--hypothesis-profile=wandering` looks for others.
NO_FAULT = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("wandering", deadline=None, suppress_health_check=NO_FAULT)
settings.register_profile("steady", settings.get_profile("wandering"), derandomize=True, database=None)
settings.load_profile("steady")

# A live server sends the head of an answer and then its body, which would wait 40 ms for a word from the other side.
WSGIRequestHandler.disable_nagle_algorithm = True

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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """The database of a worker is a copy of the one that was made meanwhile."""
    if pytest_tables.TOLD in os.environ and (tables := pytest_tables.awaited()):
        connection.settings_dict["TEST"]["TEMPLATE"] = tables


@pytest.fixture(autouse=True, scope="session")
def _whoever_is_slow_keeps_its_transaction(django_db_modify_db_settings):
    """A test is one transaction, and a busy machine may let it wait for a minute between two statements."""
    options = connection.settings_dict["OPTIONS"]
    options["options"] += " -c idle_in_transaction_session_timeout=0"


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """What a module makes once is there for its tests; each takes back only what it did itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Those that begin with an empty database come before the first that needs what its module makes once."""
    modules = [list(of_module) for _path, of_module in groupby(items, key=lambda item: item.path)]
    items[:] = [item for of_module in modules for item in sorted(of_module, key=_needs_what_its_module_makes)]


def _needs_what_its_module_makes(item):
    return "module_db" in item.fixturenames


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
