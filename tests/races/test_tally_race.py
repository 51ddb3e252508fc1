"""Counts and last scores are kept by triggers: an answer comes while others are counted anew, or on the same card.

The answer stops between its statement and its commit; without the lock of the card's row the newer of two is lost.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from feedback.figures import counting
from feedback.models import AnswerTally, LastScores, Response
from tests import build
from tests.faults.running import wait_until
from tests.feedback.figures.giving import give
from tests.races.test_reach_race import PATIENCE, Meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
WORK = "WITH newest AS"  # everything before it waits for whoever is at the same row
ONE_STATEMENT = "WITH gone AS (DELETE FROM feedback_answertally)\n    INSERT"


@pytest.mark.parametrize("guarded", [True, False])
def test_an_answer_that_comes_while_all_are_counted_anew_is_counted_once(guarded, monkeypatch):
    survey = build.survey("nps")
    give(survey, {9: 3})
    comes = Meanwhile(lambda: give(survey, {9: 1}))
    if guarded:
        comes.start()
        assert comes.done.wait(PATIENCE)
        counting.count_anew()
        comes.go_on.set()
    else:
        _delete_and_count_in_two(monkeypatch, comes)
    comes.join(PATIENCE)

    counted = AnswerTally.objects.aggregate(n=Sum("n"))["n"]
    assert comes.error is None
    assert (counted == Response.objects.count()) is guarded


def _delete_and_count_in_two(monkeypatch, comes):
    """What is there goes first; an answer is committed; then all are counted, and this one twice."""
    assert ONE_STATEMENT in counting._ANSWERS
    AnswerTally.objects.all().delete()
    comes.start()
    assert comes.done.wait(PATIENCE)
    comes.go_on.set()
    comes.join(PATIENCE)
    monkeypatch.setattr(
        counting, "_ANSWERS", counting._ANSWERS.replace("WITH gone AS (DELETE FROM feedback_answertally)", "")
    )
    counting.count_anew()


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"  # and not what other tests wait for
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("guarded", [True, False])
def test_two_answers_of_one_customer_at_once_are_both_the_last_of_their_kind(guarded):
    nps, csat, ana = build.survey("nps"), build.survey("csat"), build.customer("Ana")
    give(nps, {5: 1}, customer=ana, days_ago=30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('feedback_last_scores_again'::regproc)")
        (plain,) = cursor.fetchone()
        head, begin, rest = plain.partition("BEGIN")
        assert "FOR UPDATE" in rest.partition(WORK)[0]
        if not guarded:
            cursor.execute(f"{head}{begin} {WORK}{rest.partition(WORK)[2]}")
    try:
        first = Meanwhile(lambda: give(nps, {9: 1}, customer=ana, days_ago=1))
        first.start()
        assert first.done.wait(PATIENCE)
        second = Meanwhile(lambda: give(csat, {2: 1}, customer=ana, days_ago=0))
        second.go_on.set()
        second.start()
        wait_until(lambda: second.done.is_set() or somebody_waits(), PATIENCE, "the second has looked, or waits")
        first.go_on.set()
        first.join(PATIENCE)
        second.join(PATIENCE)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(plain)

    kept = LastScores.objects.get(customer=ana)
    assert (first.error, second.error) == (None, None)
    assert ((kept.nps, kept.csat) == (9, 2)) is guarded
    assert kept.at > timezone.now() - timedelta(days=2)
