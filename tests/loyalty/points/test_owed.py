"""What is owed in points: every number of the page is the sum of the rows behind it, over two years."""

import csv
import io
import random
import re
from datetime import timedelta

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from loyalty.models import Account, Entry, Lot
from loyalty.points import expiring, liability
from loyalty.points.checking import check
from loyalty.points.errors import NotEnoughPoints
from loyalty.points.returning import Policy
from tests import build

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def history(module_db):
    """Three customers who buy, spend, return, wait and let points expire, in the order in which it happened."""
    chance, now = random.Random(7), timezone.now()
    people = [build.customer(name) for name in ("Ana", "Ben", "Cleo")]
    accounts = [Account.of(person) for person in people]
    Account.objects.update(as_of=now - 800 * DAY)
    for step in range(40):
        at, number = now - (790 - 20 * step) * DAY + timedelta(hours=step % 24), step % 3
        _something(chance, people[number], accounts[number], at, f"s{step}")
    while expiring.sweep():
        pass
    accounts[0].earn(40, reason="order", key="waits", available_at=now + 9 * DAY)
    accounts[1].earn(60, reason="order", key="last")
    accounts[1].hold(25, reference="W-1", key="h")


@pytest.fixture
def two_years(history, db):
    """Each test takes back what it did to it."""


def _something(chance, person, account, at, key):
    order = build.order(person, "50.00", at=at)
    dates = {"available_at": at + 14 * DAY, "expires_at": at + 250 * DAY}
    account.earn(chance.randint(20, 90), order=order, reason="order", key=key, at=at, **dates)
    what = chance.randrange(4)
    try:
        if what == 0:
            account.take_back_earned(order, 5, key=f"{key}r", at=at, policy=chance.choice(list(Policy)))
        elif what == 1:
            spent = account.spend(chance.randint(10, 120), reason="reward", key=f"{key}s", at=at)
            account.restore(spent, 4, key=f"{key}b", at=at)
        elif what == 2:
            account.adjust(chance.choice([-9, 12]), reason="gesture", actor="staff:1", key=f"{key}a", at=at)
    except NotEnoughPoints:
        pass


def rows_at(browser, address):
    """The points of every row, page after page."""
    found = []
    while address:
        page = browser.get(address)
        found += [entry.points for entry, _what, _reason in page.context["rows"]]
        following = page.context["following"]
        base = address.partition("&before=")[0]
        address = f"{base}&before={following}" if following else ""
    return found


def links(page):
    return dict(re.findall(r'href="(/points/movements/[^"]+)"[^>]*>(?:<b class="strong">)?([^<]+)<', page))


def test_every_number_of_two_years_is_the_sum_of_the_rows_it_opens(two_years, as_administrator):
    page = as_administrator.get(reverse("loyalty:points_owed")).content.decode()
    opened = {address.replace("&amp;", "&"): shown for address, shown in links(page).items() if "ended" not in address}

    assert check().differences == []
    assert len(opened) >= 6
    for address, shown in opened.items():
        told = int(shown.strip().replace(",", "").replace("\u2212", "-"))
        assert sum(rows_at(as_administrator, address)) == told, address


def test_what_is_out_is_what_the_lots_hold_and_who_has_it_is_listed(two_years, as_administrator):
    report = liability.Liability()
    lots = Lot.objects.aggregate(n=Sum("remaining"))["n"]

    assert (report.outstanding, report.held) == (lots, 25)
    assert report.net == Entry.objects.aggregate(n=Sum("points"))["n"]
    assert report.pending >= 40
    for question, people in (("points_in_all=1..", report.holders), ("points_held=1..", 1)):
        listed = as_administrator.get(f"{reverse('crm:customers')}?{question}")
        assert f"?{question}" in as_administrator.get(reverse("loyalty:points_owed")).content.decode()
        assert len(listed.context["rows"]) == people


def test_the_share_that_is_spent_is_read_from_the_rows_behind_it(two_years, as_administrator, monkeypatch):
    assert liability.share_spent() is None, "too few to say"
    monkeypatch.setattr(liability, "ENOUGH", 5)

    asked = f"{reverse('loyalty:points_entries_csv')}?what=ended"
    rows = as_administrator.post(asked, {"password": "a long password"})

    points = [row[-1] for row in csv.reader(io.StringIO(b"".join(rows).decode("utf-8-sig")))][1:]
    kinds = Entry.objects.filter(kind__in=["redeem", "restore"], recorded_at__gte=liability.looked_back())
    spent = -kinds.aggregate(n=Sum("points"))["n"]
    assert liability.share_spent() * -sum(map(int, points)) == pytest.approx(spent)


def test_the_file_adds_up_to_what_moved_in_two_years(two_years, as_administrator):
    told = as_administrator.get(reverse("loyalty:points_owed_csv"))

    rows = list(csv.reader(io.StringIO(b"".join(told).decode("utf-8-sig"))))[1:]
    first = liability.looked_back()
    assert (
        sum(int(points) for _month, _what, points in rows)
        == (Entry.objects.filter(recorded_at__gte=first).aggregate(n=Sum("points"))["n"])
    )
    assert rows == sorted(rows, key=lambda row: row[0])


def test_a_shop_without_points_is_told_where_they_come_from(as_administrator):
    page = as_administrator.get("/points/").content.decode()

    assert "Nobody has points yet" in page
    assert 'href="/loyalty/">What earns points' in page
    assert "At the beginning" not in page


def test_a_question_that_is_none_never_fails(as_administrator):
    for asked in ("what=nonsense", "month=2026-13", "until=x", "until=9999-12", "month=0001-01", "before=x"):
        assert as_administrator.get(f"{reverse('loyalty:points_entries')}?{asked}").status_code == 200


def test_the_card_opens_the_code_for_the_till_in_its_place(ana, as_support):
    address = reverse("loyalty:customer_card_code", args=[ana.pk])
    assert address in as_support.get(ana.get_absolute_url()).content.decode()

    part = as_support.get(address, headers={"hx-request": "true"}).content.decode()

    assert ana.card_number in part
    assert "<svg" in part
    assert "<html" not in part
    assert "<html" in as_support.get(address).content.decode()


def test_the_chart_stands_at_what_the_rows_behind_each_bar_add_up_to(two_years, as_administrator):
    chart = as_administrator.get(reverse("loyalty:points_owed")).context["chart"]
    file = as_administrator.get(chart.csv).content.decode("utf-8-sig")

    *_earlier, last_month, now = chart.bars
    assert (len(chart.bars), now.open, now.value) == (13, True, liability.Liability().net)
    for bar in (chart.bars[0], last_month):
        assert sum(rows_at(as_administrator, bar.href)) == bar.value
    assert [int(row[1]) for row in list(csv.reader(io.StringIO(file)))[1:]] == [bar.value for bar in chart.bars]
