"""What those who complained said in the end, on the page about the team."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from feedback.figures.after_complaints import said_afterwards
from feedback.figures.answers import AnswerQuestion
from feedback.models import Survey
from tests import build
from tests.feedback.figures.giving import give

pytestmark = pytest.mark.django_db


@pytest.fixture
def afterwards():
    return build.survey("csat", name="After a complaint", trigger=Survey.Trigger.COMPLAINT)


def rows_for(user, rf):
    request = rf.get("/team/")
    request.user = user
    return said_afterwards(request).context["rows"]


def test_the_share_is_told_with_its_number_and_its_interval(afterwards, as_manager, ana):
    build.complaint(ana)
    give(afterwards, {5: 20, 4: 4, 2: 8})
    give(build.survey("csat", name="After an order"), {1: 40})

    page = as_manager.get(reverse("crm:team")).content.decode()

    assert "75.0% <small>n = 32</small>" in page
    assert "57.9% to 86.7%" in page
    assert "After an order" not in page


def test_a_few_are_told_one_by_one_and_what_is_old_is_left_out(afterwards, as_manager, ana):
    build.complaint(ana)
    give(afterwards, {5: 3, 1: 1})
    give(afterwards, {1: 20}, days_ago=400)

    page = as_manager.get(reverse("crm:team")).content.decode()

    assert "5, 5, 5, 1 <small>n = 4</small>" in page


def test_the_number_opens_exactly_its_answers_for_whoever_may_read_them(afterwards, rf, mira, sam):
    give(afterwards, {5: 3, 3: 9})

    (row,) = rows_for(mira, rf)

    asked = AnswerQuestion.read(QueryDict(row.url.partition("?")[2]), mira)
    assert asked.rows.count() == row.scores.n == 12
    assert "by=staff" in row.by_person
    assert [(row.url, row.by_person) for row in rows_for(sam, rf)] == [("", "")]
