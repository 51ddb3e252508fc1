"""The people of the tests: ana buys every month, ben bought once long ago, cleo is new."""

import pytest

from crm.models import Customer
from shop.models import User
from tests import build


@pytest.fixture
def ana(db: None) -> Customer:
    ana = build.customer("Ana Lindqvist", email="ana@people.example", phone="+44 7700 900142")
    build.orders(ana, "40.00", 151, 120, 92, 61, 30)
    return ana


@pytest.fixture
def ben(db: None) -> Customer:
    ben = build.customer("Ben Okafor", email="ben@people.example")
    build.order(ben, "25.00", at=400)
    return ben


@pytest.fixture
def cleo(db: None) -> Customer:
    return build.customer("Cleo Marczak", email="cleo@people.example")


@pytest.fixture
def sam(db: None) -> User:
    """Support."""
    return build.user("support", email="sam@shop.example", name="Sam Ashby")


@pytest.fixture
def mira(db: None) -> User:
    """Retention manager."""
    return build.user("manager", email="mira@shop.example", name="Mira Nair")


@pytest.fixture
def ada(db: None) -> User:
    """Administrator."""
    return build.user("administrator", email="ada@shop.example", name="Ada Penhale")
