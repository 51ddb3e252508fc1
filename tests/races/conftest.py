"""Many connections at once, each race with its guard and without: slow, so bin/ci runs them."""

from pathlib import Path

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def _whoever_queues_is_patient(monkeypatch):
    """On a busy machine the last of fifty waits long for a row; how long is not what is raced for."""
    options = connection.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "options", options["options"].replace("lock_timeout=5000", "lock_timeout=120000"))


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)
