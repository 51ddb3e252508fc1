"""Who complained or gave a low score, was answered, and came back, against similar buyers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isnan

import pytest
from django.urls import reverse

from analytics import recompute
from analytics.metrics.recovery import ANSWERED, IN_TIME, LATE, UNANSWERED, Cases, Recovery, recovery
from analytics.reports import behind
from analytics.reports.recovery import Report
from crm.models import Complaint
from tests import build
from tests.analytics.shops import AS_OF, order

NOON = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


def ago(days, hours=0):
    return NOON - timedelta(days=days, hours=-hours)


def buyer(name="Ana", *days_ago):
    customer = build.customer(name)
    for days in days_ago or (200,):
        order(customer, days, "20.00").save()
    return customer


def complained(customer, days_ago, answered_after=None, **fields):
    """Due within a day; answered so many hours after, or never."""
    complaint = build.complaint(customer)
    at = ago(days_ago)
    answered = None if answered_after is None else at + timedelta(hours=answered_after)
    Complaint.objects.filter(pk=complaint.pk).update(
        opened_at=at,
        answer_due_at=at + timedelta(days=1),
        acknowledged_at=answered,
        stage="received" if answered is None else "in_work",
        **fields,
    )
    return complaint


def found(months=12):
    return recovery(recompute.full(AS_OF), months)


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "answer"), [(2, IN_TIME), (30, LATE), (None, UNANSWERED), (91 * 24, UNANSWERED)])
def test_an_answer_is_in_time_late_or_none_within_90_days(hours, answer):
    complained(buyer(), 120, hours)

    assert {name: found().of(name).n for name in (IN_TIME, LATE, UNANSWERED)}[answer] == found().all.n == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("days_ago", "back"), [(121, 0), (119, 1), (31, 1), (29, 0)])
def test_coming_back_is_an_order_after_the_case_and_within_90_days(days_ago, back):
    complained(buyer("Ana", 200, days_ago), 120, 2)

    assert found().of(IN_TIME).came_back == back


@pytest.mark.django_db
@pytest.mark.parametrize(("days_ago", "counted"), [(80, 0), (100, 1), (500, 0)])
def test_a_case_counts_when_its_90_days_are_over_and_it_is_not_older_than_asked(days_ago, counted):
    complained(buyer("Ana", 600), days_ago, 2)

    assert found().all.n == counted


@pytest.mark.django_db
def test_a_low_score_nobody_took_up_is_not_answered_and_a_high_one_is_no_case():
    survey = build.survey("csat")
    for name, score in (("Ana", 2), ("Ben", 5)):
        build.response(buyer(name), survey, score, at=ago(120))

    assert (found().of(UNANSWERED).n, found().all.n) == (1, 1)


@pytest.mark.django_db
def test_a_customer_is_one_case_and_somebody_who_never_bought_is_none():
    ana = buyer()
    complained(ana, 120, 2)
    complained(ana, 110)
    complained(build.customer("Never bought"), 120, 2)

    assert (found().of(IN_TIME).n, found().all.n) == (1, 1)


def test_similar_buyers_are_compared_with_each_other_weighed_by_who_was_answered():
    """By hand: 0.8 × (40/80 − 10/50) + 0.2 × (18/20 − 16/20)."""
    like, other = (True, 0), (True, 3)
    shop = Recovery(
        {
            IN_TIME: {like: Cases(60, 30), other: Cases(20, 18)},
            LATE: {like: Cases(20, 10)},
            UNANSWERED: {like: Cases(50, 10), other: Cases(20, 16)},
        }
    )

    assert shop.difference.value == pytest.approx(0.8 * (0.5 - 0.2) + 0.2 * (0.9 - 0.8))
    assert shop.difference.low < shop.difference.value < shop.difference.high
    assert (shop.difference.verdict(), shop.compared) == ("up", 100)


def test_groups_of_few_join_the_next_and_too_few_are_not_compared():
    few = {IN_TIME: {(False, 0): Cases(3, 1), (True, 1): Cases(3, 2)}, UNANSWERED: {(True, 1): Cases(6, 3)}}

    assert Recovery(few).compared == 6
    assert isnan(Recovery({IN_TIME: {(True, 1): Cases(9, 3)}}).difference.value)


@pytest.mark.django_db
def test_every_figure_opens_as_many_customers(manager):
    for n in range(4):
        complained(buyer(f"Back {n}", 300, 100), 120, 2)
        complained(buyer(f"Late {n}", 300), 120, 40)
    complained(buyer("Nobody answered", 300), 120)
    generation = recompute.full(AS_OF)
    report = Report.of(generation, {"months": "12"})

    def opened(**question):
        return behind.asked(generation, {"months": "12", **question}).customers.count()

    assert opened(recovery="all") == report.found.all.n == 9
    assert opened(recovery="answered", back="yes") == report.found.of(*ANSWERED).came_back == 4
    assert opened(recovery="late", back="no") == 4
    page = manager.get(reverse("analytics:recovery")).content.decode()
    assert "Answered in time" in page
    assert all(line.url.replace("&", "&amp;") in page for line in report.lines)
    assert len(manager.get(reverse("analytics:recovery_csv")).content.splitlines()) == 4


@pytest.mark.django_db
def test_what_was_given_is_added_up():
    complaint = complained(buyer(), 120, 2, agreed=True)
    complaint.given.create(what="points", subject_type="loyalty.entry", subject_id=1, amount=Decimal("7.50"))

    answered = found().of(IN_TIME)

    assert (answered.cost, answered.agreed) == (Decimal("7.50"), 1)


@pytest.mark.django_db
def test_without_a_case_the_page_says_when_there_will_be_one(manager, db):
    assert "No case is old enough yet" in manager.get(reverse("analytics:recovery")).content.decode()
    recompute.full(AS_OF)
    assert "No case is old enough yet" in manager.get(reverse("analytics:recovery")).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", [{"recovery": "x"}, {"recovery": "all", "months": "5"}, {"recovery": "all", "back": "?"}]
)
def test_a_question_that_makes_no_sense_opens_nothing(manager, asked):
    recompute.full(AS_OF)

    assert manager.get(reverse("analytics:behind"), {"recovery": "all", "months": "12", **asked}).status_code == 404
