import pytest

from doors import pytest_tables
from doors.pytest_services import numbered


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/3"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/3"),
        ("unix:///a%20shop/valkey.sock?db=0", "unix:///a%20shop/valkey.sock?db=3"),
    ],
)
def test_every_parallel_run_of_tests_has_a_redis_database_of_its_own(url, expected):
    assert numbered(url, 3) == expected


def test_a_worker_waits_for_no_tables_that_nobody_makes(monkeypatch):
    monkeypatch.setattr(pytest_tables, "TABLES", "no_such_tables")
    monkeypatch.setattr(pytest_tables, "UNFINISHED", "no_such_tables_either")

    assert pytest_tables.awaited() is None
