"""What somebody gave last: in filters, segments, and as a reason why they may stay away."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import strip_tags

from analytics.risk.reasons import Reasons
from crm.segments.question import Question
from feedback.figures.low_answers import low_answers
from feedback.models import LastScores, Response
from tests import build
from tests.analytics.standing import stands
from tests.feedback.figures.giving import give

pytestmark = pytest.mark.django_db


def who(user, asked):
    question = Question.read(QueryDict(asked), user)
    assert question.readable, question.problems
    return {customer.given_name for customer in question.customers}


@pytest.fixture
def scored(ana, ben, cleo):
    nps, csat = build.survey("nps"), build.survey("csat")
    give(nps, {9: 1}, days_ago=90, customer=ana)
    give(nps, {3: 1}, days_ago=9, customer=ana)
    give(csat, {5: 1}, days_ago=2, customer=ana)
    give(nps, {10: 1}, days_ago=30, customer=ben)
    give(nps, {0: 1}, days_ago=1, customer=ben, test=True)
    return nps, csat


def test_the_newest_score_of_each_kind_is_asked_about(scored, mira):
    assert who(mira, "last_nps=..6") == {"Ana"}
    assert who(mira, "last_nps=9..") == {"Ben"}
    assert who(mira, "last_csat=5") == {"Ana"}
    assert who(mira, "last_nps=-") == {"Cleo"}
    assert who(mira, "last_answer=" + (timezone.localdate() - timedelta(days=5)).isoformat() + "..") == {"Ana"}
    assert who(mira, "sort=-last_nps&last_nps=0..") == {"Ana", "Ben"}


def test_it_follows_a_change_a_merge_and_an_erased_answer(scored, ana, ben, mira):
    newest = Response.objects.get(customer=ana, score=3)
    Response.objects.filter(pk=newest.pk).update(score=7)
    assert LastScores.objects.get(customer=ana).nps == 7

    Response.objects.filter(customer=ana).update(customer=ben)
    assert not LastScores.objects.filter(customer=ana).exists()
    assert (LastScores.objects.get(customer=ben).nps, LastScores.objects.get(customer=ben).csat) == (7, 5)

    newest.delete()
    assert LastScores.objects.get(customer=ben).nps == 10


def test_a_low_score_is_open_as_long_as_its_complaint(scored, ana, mira):
    complaint = build.complaint(ana)
    Response.objects.filter(customer=ana, score=3).update(complaint=complaint)
    assert who(mira, "open_low_score=yes") == {"Ana"}

    for step in (complaint.solve, complaint.tell, complaint.close):
        step(actor="")

    assert who(mira, "open_low_score=yes") == set()
    assert who(mira, "open_low_score=no") == {"Ana", "Ben", "Cleo"}


def reasons(customer):
    _figures, scores = stands(customer)
    heard = Reasons(scores, timezone.localdate(), low_answers([customer.pk]).get(customer.pk)).heard()
    return strip_tags(heard[0]) if heard else None


def test_a_low_score_is_a_reason_until_a_better_one_and_says_whether_somebody_answered(ana, scored):
    nps, _csat = scored
    at = timezone.now() - timedelta(days=9)
    day = f"{timezone.localtime(at).day} {timezone.localtime(at):%b}"
    assert reasons(ana) == f"NPS 3 on {day}."  # nothing followed, so nothing waits

    complaint = build.complaint(ana)
    Response.objects.filter(customer=ana, score=3).update(complaint=complaint)
    assert reasons(ana) == f"NPS 3 on {day}, not answered."

    complaint.acknowledge(actor="")
    assert reasons(ana) == f"NPS 3 on {day}."

    give(nps, {9: 1}, days_ago=1, customer=ana)
    assert reasons(ana) is None
