"""What staff see of points, and what they do with them on the pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.segments.question import Question
from loyalty.models import Account, Adjustment, Entry, LedgerCheck
from loyalty.points import checking, keeping_watch
from loyalty.points.keeping_watch import run
from shop.models import AuditRow, Cancelled, Job
from tests import build
from tests.conftest import signed_in
from tests.loyalty.points.conftest import sums

DAY = timedelta(days=1)


@pytest.fixture
def account(ana):
    """As of now, with a bit of everything."""
    account = Account.of(ana)
    now = timezone.now()
    order = build.order(ana, "30.00", reference="W-100")
    account.earn(30, order=order, reason="order", key="e1", expires_at=now + 20 * DAY)
    account.earn(50, reason="birthday", key="e2", available_at=now + 7 * DAY)
    account.spend(10, reason="reward", key="s1")
    account.hold(5, reference="W-101", key="h1")
    return account


def text(response):
    return " ".join(response.content.decode().split())


def test_the_card_shows_points_and_what_comes_next(account, ana, as_support):
    page = text(as_support.get(ana.get_absolute_url()))

    assert "worth £0.15" in page
    assert "15 expire after" in page
    assert "50 can be spent from" in page
    assert "5 are put aside" in page


def test_what_comes_on_one_day_is_one_sum(account, ana, as_support):
    noon = (timezone.localtime() + 3 * DAY).replace(hour=12)
    for points, hours in ((20, 0), (7, 2)):
        account.earn(points, reason="gift", key=f"g{points}", available_at=noon + timedelta(hours=hours))

    page = text(as_support.get(ana.get_absolute_url()))

    assert "77 wait; 27 can be spent from" in page


def test_the_statement_names_the_purchase_that_points_came_from(account, ana, as_support):
    page = text(as_support.get(reverse("loyalty:points", args=[ana.pk])))

    assert 'For an order · <span class="num">W-100</span>' in page
    assert "10 of" in page
    assert "20 of 30 left" in page


def test_a_statement_of_fifty_movements_asks_no_more_than_one_of_one(account, ana, as_support):
    address = reverse("loyalty:points", args=[ana.pk])
    as_support.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        as_support.get(address)
    for number in range(60):
        account.spend(1, reason="reward", key=f"n{number}") if number < 15 else account.earn(
            1, reason="x", key=f"n{number}"
        )

    with CaptureQueriesContext(connection) as many:
        page = as_support.get(address)

    assert len(many) <= len(few)
    following = page.context["following"]
    older = as_support.get(address, {"before": following})
    assert older.context["lines"][0].entry.sequence == following - 1


def adjust(browser, customer, points, **more):
    typed = {"points": points, "reason": "gesture", "note": "", "key": f"k{points}", **more}
    return browser.post(reverse("loyalty:points_adjust", args=[customer.pk]), typed)


def test_staff_give_points_within_their_limit_once(ana, as_support):
    for _again in range(2):
        assert adjust(as_support, ana, 200, key="same").status_code == 302

    assert sums(Account.of(ana))[0] == 200
    assert Adjustment.objects.get().state == "done"


def test_above_the_limit_somebody_else_must_agree(ana, sam, as_support, as_manager):
    adjust(as_support, ana, 600)
    asked = Adjustment.objects.get()
    decide = reverse("loyalty:points_decide", args=[asked.pk])

    assert sums(Account.of(ana))[0] == 0
    as_support.post(decide, {"say": "yes"})
    assert sums(Account.of(ana))[0] == 0
    signed_in(build.user("support")).post(decide, {"say": "yes"})
    assert sums(Account.of(ana))[0] == 0

    assert "Points to approve" in text(as_manager.get(reverse("crm:today")))
    as_manager.post(decide, {"say": "yes"})
    as_manager.post(decide, {"say": "yes"})

    assert sums(Account.of(ana))[0] == 600
    entry = Entry.objects.get()
    assert (entry.actor, entry.snapshot["approved_by"].startswith("staff:")) == (sam.actor, True)


def test_an_approval_lapses_after_three_days(ana, as_support, as_manager):
    adjust(as_support, ana, 600)
    Adjustment.objects.update(asked_at=timezone.now() - 73 * DAY / 24)

    as_manager.post(reverse("loyalty:points_decide", args=[Adjustment.objects.get().pk]), {"say": "yes"})

    assert sums(Account.of(ana))[0] == 0


@pytest.mark.parametrize(
    "typed",
    [{"points": 0}, {"points": -1}, {"points": "x"}, {"points": 5, "reason": ""}, {"points": 5, "reason": "other"}],
)
def test_what_makes_no_sense_is_refused(ana, as_support, typed):
    assert adjust(as_support, ana, typed.pop("points"), **typed).status_code == 422
    assert not Entry.objects.exists()


def test_the_report_adds_up_and_its_numbers_lead_to_their_rows(account, as_manager):
    page = as_manager.get(reverse("loyalty:points_owed"))
    report = page.context["report"]

    assert (report.outstanding, str(report.worth), report.holders) == (70, "0.70", 1)
    assert report.begins[-1][1] + sum(row.points[-1] for row in report.rows) == report.ends[-1][1] == 70
    rows = as_manager.get(reverse("loyalty:points_entries"), {"what": "earned", "month": report.months[-1].name})
    assert sum(entry.points for entry, _what, _reason in rows.context["rows"]) == 80
    file = b"".join(as_manager.get(reverse("loyalty:points_owed_csv")).streaming_content).decode()
    assert "Earned,80" in file
    spent = f"{reverse('loyalty:points_entries_csv')}?what=spent"
    assert "Ana Lindqvist" not in text(as_manager.get(spent)), "the password is asked for first"
    more = as_manager.post(spent, {"password": "a long password"}).getvalue().decode()
    assert "Ana Lindqvist,Spent,For a reward,,-10" in more
    assert AuditRow.objects.get(kind="file.exported").data == {"file": "points.csv", "count": 1, "filter": "what=spent"}


def test_the_owner_sees_whether_the_ledger_fits(account, as_administrator):
    run()
    assert "it does" in text(as_administrator.get(reverse("loyalty:points_owed")))

    Account.objects.update(available=16)
    run()

    page = text(as_administrator.get(reverse("loyalty:points_owed")))
    assert "2 differences" in page
    assert "expected 20, found 21" in page


def test_the_check_says_how_far_it_is_and_can_be_cancelled(account, ben, as_administrator, monkeypatch):
    Account.of(ben)
    monkeypatch.setattr(checking, "ACCOUNTS", 1)
    as_administrator.post(reverse("loyalty:points_check"))
    job = Job.claim(Job.objects.get(kind=keeping_watch.KIND).pk)
    seen = []
    plain = job.progress

    def progress(stage, done=0, total=0):
        seen.append((done, total))
        if done == 1:
            page = text(as_administrator.get(reverse("loyalty:points_owed")))
            assert "Comparing points with their entries" in page
            assert "Cancel" in page
            as_administrator.post(reverse("shop:job_cancel", args=[job.pk]))
        plain(stage, done, total)

    job.progress = progress
    with pytest.raises(Cancelled):
        keeping_watch.check_ledger.do(job)

    assert seen == [(0, 0), (1, 2)]
    assert not LedgerCheck.objects.exists()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("points=15..", {"Ana Lindqvist"}),
        ("points=16..", set()),
        ("points_pending=50", {"Ana Lindqvist"}),
        ("points_end=2020-01-01..", {"Ana Lindqvist"}),
        ("points_debt=1..", set()),
    ],
)
def test_customers_are_asked_for_by_their_points(account, ben, sam, asked, found):
    question = Question.read(QueryDict(asked), sam)

    assert {customer.name for customer in question.customers} == found
    assert not question.problems


@pytest.mark.parametrize("before", ["1234567890x", "123456789012345678x", "-1", "9" * 30])
def test_an_address_that_makes_no_sense_begins_at_the_newest(ana, as_manager, before):
    Account.of(ana).earn(7, reason="order", key="k")

    for address in (reverse("loyalty:points", args=[ana.pk]), reverse("loyalty:points_entries")):
        answer = as_manager.get(address, {"before": before})
        assert (answer.status_code, "+7" in answer.content.decode()) == (200, True)
