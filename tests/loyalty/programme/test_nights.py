"""Nights of a real calendar: short months, clocks that change, points, birthdays and tiers in the shop's own days."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from loyalty.models import Account, Entry, Standing, Tier
from loyalty.points import expiring
from loyalty.points.checking import check
from loyalty.points.days import zone
from loyalty.programme import jobs, settling, tiers
from shop.models import Setting
from tests import build
from tests.loyalty.programme import making

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock(db):
    with time_machine.travel(BEGIN, tick=False) as clock:
        Setting.put("shop.time_zone", "Europe/Warsaw", since=BEGIN)
        yield clock


@pytest.fixture
def nora(clock):
    return build.customer("Nora Lis")


@pytest.mark.parametrize(
    ("bought", "months", "over"),
    [
        ("2026-01-29T12:00", 1, "2026-02-28T23:00"),
        ("2026-01-30T12:00", 1, "2026-02-28T23:00"),
        ("2026-01-31T12:00", 1, "2026-02-28T23:00"),
        ("2026-01-30T23:30", 1, "2026-02-28T23:00"),  # the 31st in the shop
        ("2028-01-31T12:00", 1, "2028-02-29T23:00"),
        ("2026-01-29T12:00", 2, "2026-03-29T22:00"),  # a day of twenty-three hours
        ("2026-09-25T12:00", 1, "2026-10-25T23:00"),  # and one of twenty-five
    ],
)
def test_points_of_an_order_end_with_their_last_day_to_the_second(clock, nora, bought, months, over):
    making.rule(keep_months=months)
    at, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (bought, over))
    clock.move_to(at, tick=False)
    settling.settle(making.order(nora, "40.00", at=at))

    clock.move_to(end - SECOND, tick=False)
    expiring.sweep()
    assert making.spendable(nora) == 40

    clock.move_to(end, tick=False)
    assert making.spendable(nora) == 0, "before the sweep has come by"
    assert expiring.due()
    expiring.sweep()

    entry = Entry.objects.get(kind="expire")
    assert (entry.points, entry.effective_at, Account.of(nora).available) == (-40, end, 0)
    assert check().differences == []


def nights(clock, first, count):
    """Ten past midnight in the shop, night after night; of each what the customer had in the morning."""
    for step in range(count):
        day = first + timedelta(days=step)
        clock.move_to(datetime(day.year, day.month, day.day, 0, 10, tzinfo=zone()), tick=False)
        while expiring.sweep():
            pass
        for _beat in range(2):  # two of them run, and the second finds it done
            jobs.night(jobs.nightly(day).pk)
        yield day


def test_a_spring_in_which_the_clocks_go_forward_brings_everything_on_its_day(clock, nora):
    """Points end with 29 March, the birthday comes near on 30 March, and Silver was given until 30 March."""
    making.rule(birthday_gift=100, birthday_days=4, keep_months=2)
    making.scheme({"Bronze": 0, "Silver": 100}, since=BEGIN - timedelta(days=900))
    type(nora).objects.filter(pk=nora.pk).update(birthday=date(1984, 4, 3))
    at = datetime(2026, 1, 29, 12, tzinfo=UTC)
    clock.move_to(at, tick=False)
    settling.settle(making.order(nora, "40.00", at=at))
    tiers.give(nora, Tier.objects.get(name="Silver"), reason="Kind", until=date(2026, 3, 30), actor="")

    seen = [
        (day.day, making.spendable(nora), str(Standing.objects.get(customer=nora).tier))
        for day in nights(clock, date(2026, 3, 28), 6)
    ]

    assert seen == [
        (28, 40, "Silver"),
        (29, 40, "Silver"),
        (30, 100, "Silver"),
        (31, 100, "Bronze"),
        (1, 100, "Bronze"),
        (2, 100, "Bronze"),
    ]
    assert making.entries(nora) == [40, -40, 100]
    assert check().differences == []


def test_nights_that_were_missed_over_the_end_of_summer_time_are_made_up_for(clock, nora):
    making.rule(birthday_gift=100, birthday_days=4, keep_months=1)
    type(nora).objects.filter(pk=nora.pk).update(birthday=date(1984, 10, 27))
    at = datetime(2026, 9, 25, 12, tzinfo=UTC)
    clock.move_to(at, tick=False)
    settling.settle(making.order(nora, "40.00", at=at))

    for _day in nights(clock, date(2026, 10, 22), 1):
        assert making.entries(nora) == [40]
    for _day in nights(clock, date(2026, 10, 26), 1):  # three nights did not run
        assert sorted(making.entries(nora)) == [-40, 40, 100]
    assert check().differences == []
