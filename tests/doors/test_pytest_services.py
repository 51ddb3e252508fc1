import pytest

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
