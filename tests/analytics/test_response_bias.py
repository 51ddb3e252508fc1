"""Who was asked and did not answer, against who did; and the score weighed by all who were asked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.reports import response_bias
from analytics.reports.response_bias import weigh
from feedback.figures.measures import MEASURES, Scores
from feedback.figures.overview import Report
from feedback.models import Invitation, Response
from shop.intervals import ratio, ratio_of_sums
from tests import build
from tests.analytics.standing import stand

pytestmark = pytest.mark.django_db
PAGE = reverse("analytics:response_bias")


def asked(survey, n, *, orders, net, score=None, days_ago=40):
    """So many customers who bought so much; a score: they answered."""
    at = timezone.now() - timedelta(days=days_ago)
    people = [build.customer(f"Di {score} {number}") for number in range(n)]
    for number, person in enumerate(people):
        stand(person, orders=orders, net=net + number)
    state = "sent" if score is None else "answered"
    sent = Invitation.objects.bulk_create(
        Invitation(
            customer=person, survey=survey, version=survey.version, cause=f"c{person.pk}", trigger="hand",
            expires_at=at, state=state, sent_at=at, answered_at=None if score is None else at,
        )
        for person in people
    )  # fmt: skip
    if score is not None:
        Response.objects.bulk_create(
            Response(survey=survey, version=survey.version, invitation=one, customer=one.customer, score=score,
                     language="en", channel="email", at=at) for one in sent
        )  # fmt: skip


def report(survey, days_ago=40):
    day = timezone.localdate() - timedelta(days=days_ago)
    return Report.of(survey, {"period": day.isoformat()}, timezone.localdate())


def test_the_silent_ones_are_compared_and_the_score_counts_them_by_how_often_they_buy(as_manager):
    survey = build.survey("nps")
    asked(survey, 20, orders=3, net=120, score=10)
    asked(survey, 10, orders=1, net=20, score=2)
    asked(survey, 30, orders=1, net=20)

    found = response_bias.of(report(survey))

    assert (found.answered.customers, found.silent.customers) == (30, 30)
    assert round(found.silent.average_order.value, 2) == 34.5
    assert round(found.answered.average_order.value, 2) == round((20 * 129.5 + 10 * 24.5) / 70, 2)
    assert found.change.verdict() == "down"
    # 40 of 60 asked bought once, and those of them who answered are detractors.
    assert round(found.weighed.value, 1) == round(100 * (20 - 40) / 60, 1)
    html = as_manager.get(f"{PAGE}?{report(survey).url().partition('?')[2]}").content.decode()
    assert "They spend less" in html
    assert "weighed by all who were asked: −33" in html


def test_who_is_left_out_of_figures_or_never_reached_is_in_neither_group(as_manager):
    survey = build.survey("nps")
    asked(survey, 12, orders=2, net=50, score=9)
    asked(survey, 12, orders=2, net=50)
    out, back = Invitation.objects.filter(state="sent")[:2]
    type(out.customer).objects.filter(pk=out.customer_id).update(left_out_at=timezone.now())
    Invitation.objects.filter(pk=back.pk).update(bounced_at=timezone.now())

    found = response_bias.of(report(survey))

    assert (found.answered.customers, found.silent.customers) == (12, 10)
    assert found.change.verdict() == "cannot_tell"


def test_with_few_buyers_nothing_is_compared(as_manager):
    survey = build.survey("nps")
    asked(survey, 12, orders=2, net=50, score=9)
    asked(survey, 9, orders=2, net=50)

    assert response_bias.of(report(survey)) is None
    assert "too few buyers to compare" in as_manager.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    page = as_manager.get(report(survey).url()).content.decode()
    assert f'hx-get="{PAGE}?' in page
    assert "no experiment" in page


def test_groups_of_few_answers_join_the_next_and_one_group_is_the_plain_score():
    nps = MEASURES["nps"]
    few, many = Scores({10: 3, 0: 4}), Scores({10: 30, 8: 10})

    assert weigh(nps, {1: 50, 2: 50}, {1: few, 2: many}) == nps.of(few + many)
    assert weigh(nps, {1: 50, 2: 50}, {2: many, 1: Scores()}) == nps.of(many)
    assert weigh(nps, {1: 50}, {1: few}) is None


def test_a_ratio_out_of_sums_is_that_of_the_rows():
    y, x = [120.0, 35.5, 80.0, 12.0], [3, 1, 2, 1]

    found = ratio_of_sums(
        4, sum(y), sum(x), sum(v * v for v in y), sum(v * v for v in x), sum(a * b for a, b in zip(y, x, strict=True))
    )

    expected = ratio(y, x)
    assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
