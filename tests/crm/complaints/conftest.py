from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> datetime:
    """`2026-12-09 10:00` on the shop's clock; that day is a Wednesday."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.fixture
def clock():
    """Wednesday, ten in the morning; clock.move_to(at(…)) goes on."""
    with time_machine.travel(at("2026-12-09 10:00"), tick=False) as traveller:
        yield traveller
