import pytest
from django.core.cache import cache

from tests.crm.conftest import as_mira, as_sam

__all__ = ["as_mira", "as_sam"]


@pytest.fixture(autouse=True)
def no_count_is_remembered():
    cache.clear()
