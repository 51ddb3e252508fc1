"""Days of the shop, and the sweep: what is over goes soon after the shop's own midnight, an entry for each lot."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from crm.models import Event
from loyalty.models import Account, Entry, Lot
from loyalty.points import bringing_up, expiring
from loyalty.points.checking import check
from loyalty.points.days import end_of, expiry, months_after
from shop.models import Setting
from tests import build
from tests.loyalty.points.conftest import NOW, earn, sums

DAY = timedelta(days=1)


@pytest.fixture
def warsaw(db):
    Setting.put("shop.time_zone", "Europe/Warsaw")


@pytest.mark.parametrize(
    ("day", "over"),
    [
        (date(2026, 3, 28), "2026-03-28T23:00:00+00:00"),
        (date(2026, 3, 29), "2026-03-29T22:00:00+00:00"),  # the clocks go forward that night
        (date(2026, 10, 24), "2026-10-24T22:00:00+00:00"),
        (date(2026, 10, 25), "2026-10-25T23:00:00+00:00"),  # and back
    ],
)
def test_points_are_over_at_the_local_midnight_after_their_last_day(warsaw, day, over):
    assert end_of(day).astimezone(UTC).isoformat() == over


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_a_month_after_its_last_day_ends_with_the_month(warsaw, day, months, last):
    assert months_after(day, months) == last
    assert expiry(datetime(day.year, day.month, day.day, 22, 59, tzinfo=UTC), months) == end_of(last)


def test_late_in_the_evening_it_is_the_next_day_in_the_shop(warsaw):
    assert expiry(datetime(2026, 1, 30, 23, 30, tzinfo=UTC), 1) == end_of(date(2026, 2, 28))
    assert expiry(datetime(2026, 3, 30, 22, 30, tzinfo=UTC), 1) == end_of(date(2026, 4, 30))


def test_points_can_be_spent_until_the_last_second_of_a_day_of_twenty_five_hours(warsaw, account):
    over = end_of(date(2026, 10, 25))
    earn(account, 10, expires_at=over)

    assert account.spendable(over - timedelta(seconds=1)) == 10
    assert account.spendable(over) == 0


def test_the_sweep_writes_an_entry_for_each_lot_and_one_event_for_each_customer(account, ben):
    other = Account.of(ben)
    for points in (5, 7):
        earn(account, points, expires_at=NOW + DAY)
        earn(other, points, expires_at=NOW + points * DAY)
    earn(account, 9, available_at=NOW + DAY)
    earn(account, 3, available_at=NOW + 2 * DAY, expires_at=NOW + 2 * DAY)

    swept = expiring.sweep(NOW + 5 * DAY)

    assert swept == 2
    assert sorted(Entry.objects.filter(kind="expire").values_list("points", flat=True)) == [-7, -5, -5, -3]
    assert sorted(Event.objects.filter(kind="points.expired").values_list("data__points", flat=True)) == [5, 15]
    assert (sums(account), sums(other)) == ((9, 0, 0, 0), (7, 0, 0, 0))
    assert expiring.sweep(NOW + 5 * DAY) == 0


def test_a_batch_stops_at_its_size_and_the_next_one_goes_on(account, monkeypatch):
    for _number in range(7):
        earn(account, 1, expires_at=NOW + DAY)
    earn(account, 4, available_at=NOW + DAY)
    monkeypatch.setattr(expiring, "LOTS", 3)

    left = []
    while expiring.sweep(NOW + 2 * DAY):
        left.append(Lot.objects.free().filter(expires_at__isnull=False).count())
        assert check().differences == []

    assert left == [4, 1, 0]
    assert sums(account) == (4, 0, 0, 0)


def test_whoever_is_through_is_not_looked_at_again_for_the_sake_of_others(account, ben, monkeypatch):
    other = Account.of(ben)
    for one in (account, other):
        for _number in range(2):
            earn(one, 5, expires_at=NOW + DAY)
    monkeypatch.setattr(expiring, "LOTS", 3)

    looked_at = [expiring.sweep(NOW + 2 * DAY) for _batch in range(3)]

    assert looked_at == [2, 1, 0]
    assert (sums(account), sums(other)) == ((0, 0, 0, 0), (0, 0, 0, 0))
    assert check().differences == []


@pytest.mark.django_db(transaction=True)
def test_the_sweep_passes_over_whom_somebody_else_is_busy_with(account, ben):
    other = Account.of(ben)
    Account.objects.update(as_of=NOW)
    for one in (account, other):
        earn(one, 5, expires_at=NOW + DAY)
    from threading import Thread

    swept = []

    def elsewhere():
        swept.append(expiring.sweep(NOW + 2 * DAY))
        connection.close()

    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join(120)

    assert swept == [1]
    assert (sums(account)[0], sums(other)[0]) == (5, 0)
    assert bringing_up.bring_up([account.pk], NOW + 2 * DAY) == 1


def test_a_held_point_that_is_over_keeps_the_account_quiet(account):
    """It would be found due for ever, and the sweep would turn in circles."""
    earn(account, 5, expires_at=NOW + timedelta(minutes=5))
    account.hold(5, reference="W-1", key="h", at=NOW)

    expiring.sweep(NOW + timedelta(minutes=10))

    assert expiring.sweep(NOW + timedelta(minutes=11)) == 0
    assert sums(account) == (0, 0, 5, 0)
    assert build.customer("Somebody else").pk
