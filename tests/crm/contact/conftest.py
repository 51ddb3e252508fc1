from datetime import UTC, datetime

import pytest

from crm.models import Consent
from shop.models import Setting

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday; London is on UTC


@pytest.fixture
def london(db):
    Setting.put("shop.time_zone", "Europe/London", since=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def allows():
    """allows(customer, "offers"): the customer said yes for the first e-mail, by phone."""

    def allow(customer, *purposes, state="given", address="", channel="email"):
        address = address or customer.identifiers.filter(kind=channel).order_by("pk").first().normalised
        return Consent.say(
            customer, channel, address, dict.fromkeys(purposes, state), method="phone", wording="Yes, please."
        )

    return allow
