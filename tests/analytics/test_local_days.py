from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.purchases.local_days import local_days, month_end, month_numbers, month_start

ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns", "UTC"]
SINCE_2000 = datetime(2000, 1, 1, tzinfo=UTC)


def sent(moment):
    """As PostgreSQL writes a timestamptz."""
    return (moment - SINCE_2000) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("local", "day"),
    [
        ("2011-03-27T00:30", "2011-03-27"),  # the day of 23 hours
        ("2011-03-27T23:59", "2011-03-27"),
        ("2011-10-30T00:00", "2011-10-30"),  # the day of 25 hours
        ("2011-10-30T23:59", "2011-10-30"),
    ],
)
def test_days_of_23_and_25_hours_begin_and_end_at_midnight(local, day):
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/London"))

    (found,) = local_days(np.array([sent(moment)]), "Europe/London")

    assert datetime.fromordinal(int(found)).date().isoformat() == day


@given(
    st.sampled_from(ZONES),
    st.lists(st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)), min_size=1, max_size=20),
)
def test_every_moment_lies_on_the_day_that_its_zone_says(zone, moments):
    found = local_days(np.array([sent(m) for m in moments]), zone)

    said = [m.astimezone(ZoneInfo(zone)).date().toordinal() for m in moments]
    assert found.tolist() == said


def test_months_are_numbered_without_a_hole():
    days = np.array([datetime(2011, 12, 31).toordinal(), datetime(2012, 1, 1).toordinal()])

    december, january = month_numbers(days)

    assert january == december + 1
    assert (month_start(int(december)).isoformat(), month_end(int(december)).isoformat()) == (
        "2011-12-01",
        "2011-12-31",
    )
