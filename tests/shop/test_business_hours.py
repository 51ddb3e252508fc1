"""Working time, counted by the shop's clocks: nights, closed days, and hours that come twice or not at all."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop import business_hours
from shop.business_hours import BusinessHours, Unreadable, read_closed_days, read_hours, written
from shop.models import Setting

NINE_TO_SIX = (*["09:00–18:00"] * 5, "", "")
SPLIT = (*["09:00–13:00, 14:00–18:30"] * 6, "10:00–12:00")
NIGHTS = (*["18:00–02:30"] * 5, "12:00–24:00", "")
ALWAYS = ("00:00–24:00",) * 7
WEEKS = (NINE_TO_SIX, SPLIT, NIGHTS, ALWAYS)
ZONES = ("Europe/London", "Europe/Warsaw", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC")
HOLIDAYS = "25.12. Christmas\n24.12.–02.01. winter\n2026-04-03..2026-04-06\n1/5/2026"

hours = st.builds(BusinessHours, st.sampled_from(ZONES), st.sampled_from(WEEKS), st.sampled_from(["", HOLIDAYS]))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
works = st.integers(1, 200 * 3600 * 4).map(lambda quarters: timedelta(seconds=quarters / 4))


def london(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


@given(hours, moments, works)
def test_adding_and_counting_are_each_others_inverse(working, start, work):
    assert working.between(start, working.add(start, work)) == work


@given(hours, moments, moments)
def test_counting_and_adding_meet_at_the_same_hour_of_work(working, one, other):
    first, last = sorted([one, other])
    worked = working.between(first, last)

    if worked:
        reached = working.add(first, worked)
        assert reached <= last
        assert not working.between(reached, last)


@given(hours, moments, moments, works, works)
def test_later_begun_or_longer_is_never_done_sooner(working, one, other, little, more):
    first, last = sorted([one, other])
    less, most = sorted([little, more])

    assert working.add(first, less) <= working.add(last, less)
    assert working.add(first, less) <= working.add(first, most)


@given(hours, moments, moments, moments)
def test_what_lies_between_adds_up(working, a, b, c):
    a, b, c = sorted([a, b, c])

    assert working.between(a, b) + working.between(b, c) == working.between(a, c)
    assert working.between(c, a) == -working.between(a, c)
    assert timedelta() <= working.between(a, c) <= c - a


@pytest.mark.parametrize(
    ("week", "start", "hours", "end"),
    [
        (NINE_TO_SIX, "2026-12-11 16:00", 3, "2026-12-14 10:00"),  # over a weekend
        (NINE_TO_SIX, "2026-12-11 16:00", 2, "2026-12-11 18:00"),  # until closing time, not until Monday
        (NINE_TO_SIX, "2026-12-12 23:00", 1, "2026-12-14 10:00"),  # begun while closed
        (NINE_TO_SIX, "2026-12-23 17:00", 2, "2027-01-04 10:00"),  # over the closed days
        (SPLIT, "2026-12-09 12:30", 1, "2026-12-09 14:30"),  # over lunch
        (NIGHTS, "2026-12-09 18:00", 8, "2026-12-10 02:00"),  # one night
        (NIGHTS, "2026-12-11 23:00", 4, "2026-12-12 12:30"),  # Friday's night ends before Saturday begins
    ],
)
def test_deadlines_fall_where_people_work(week, start, hours, end):
    working = BusinessHours("Europe/London", week, HOLIDAYS)

    assert working.add(london(start), hours) == london(end)


def test_the_hour_that_clocks_skip_is_not_worked_and_the_one_they_show_twice_is():
    always = BusinessHours("Europe/London", ALWAYS)

    assert always.between(london("2026-03-29 00:00"), london("2026-03-30 00:00")) == timedelta(hours=23)
    assert always.between(london("2026-10-25 00:00"), london("2026-10-26 00:00")) == timedelta(hours=25)


def test_hours_that_begin_in_the_skipped_hour_begin_when_it_is_over():
    early = BusinessHours("Europe/London", ("",) * 6 + ("01:30–03:00",))

    assert early.add(london("2026-03-28 12:00"), 0.5) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert early.between(london("2026-03-29 00:00"), london("2026-03-30 00:00")) == timedelta(hours=1)


def test_a_week_without_hours_counts_as_always_open():
    never = BusinessHours("Europe/London", ("",) * 7)

    assert never.add(london("2026-12-12 12:00"), 30) == london("2026-12-13 18:00")


def test_a_shop_that_closed_every_day_of_the_year_still_comes_to_an_end():
    year = "\n".join(
        f"01.{month:02}.–{last}.{month:02}."
        for month, last in zip(range(1, 13), [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], strict=True)
    )
    closed = BusinessHours("UTC", NINE_TO_SIX, year)

    assert closed.add(datetime(2026, 1, 1, tzinfo=UTC), 1).year == 2036
    assert closed.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)) == timedelta()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9-18", "09:00–18:00"),
        ("9:00 - 13.00,14–18:30", "09:00–13:00, 14:00–18:30"),
        ("18:00–2:00", "18:00–02:00"),
        ("0:00–24:00", "00:00–24:00"),
        ("  ", ""),
    ],
)
def test_hours_are_read_as_people_write_them(typed, kept):
    assert written(read_hours(typed)) == kept
    assert read_hours(kept) == read_hours(typed)


@pytest.mark.parametrize("typed", ["nine to six", "9–25", "9:75–18", "24:00–25:00", "9–13, 12–18", "9–18–20", "١٠–١٨"])
def test_hours_that_cannot_be_are_refused_in_a_sentence(typed):
    with pytest.raises(Unreadable, match=r"[.]$"):
        read_hours(typed)


@pytest.mark.parametrize(
    "typed", ["Christmas", "31.02.", "2026-02-30", "25.12.–26.12.2026", "26.12.2026–25.12.2026", "1.1.2026–1.1.2027"]
)
def test_days_that_cannot_be_are_refused_in_a_sentence(typed):
    with pytest.raises(Unreadable, match=r"[.]$"):
        read_closed_days(typed)


def test_closed_days_are_every_year_or_once_and_may_go_over_new_year():
    once, yearly = read_closed_days("30.12.–02.01. winter\n03.04.2026 Good Friday")

    assert yearly == {(12, 30), (12, 31), (1, 1), (1, 2)}
    assert [day.isoformat() for day in once] == ["2026-04-03"]


def test_the_settings_are_in_force_at_once(db):
    before = business_hours.add(london("2026-12-09 17:00"), 2)
    Setting.put("hours.thursday", "")
    Setting.put("hours.closed", "11.12.")

    assert before == london("2026-12-10 10:00")
    assert business_hours.add(london("2026-12-09 17:00"), 2) == london("2026-12-14 10:00")


def test_an_owner_sets_them_on_a_screen_and_is_told_what_cannot_be_read(as_administrator):
    days = {f"hours-{day}": "9-17" for day in business_hours.WEEKDAYS}

    page = as_administrator.post("/settings/hours/", {**days, "hours-sunday": "noon", "hours-closed": "25.12."})
    assert page.status_code == 422
    assert "Write opening hours such as 09:00–18:00" in page.content.decode()

    as_administrator.post("/settings/hours/", {**days, "hours-closed": "25.12. Christmas\r\n\r\n25.12. Christmas"})
    assert Setting.get("hours.sunday") == "09:00–17:00"
    assert Setting.get("hours.closed") == "25.12. Christmas"
