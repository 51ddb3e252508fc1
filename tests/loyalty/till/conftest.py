import pytest

from tests.loyalty.till.making import Till


@pytest.fixture
def till(db):
    return Till()
