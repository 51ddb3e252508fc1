"""What is counted beside the answers is always what the answers say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from crm.models import Message
from feedback.figures import counting
from feedback.figures.measures import Scores
from feedback.figures.periods import Period
from feedback.inviting import sent
from feedback.models import AnswerTally, Invitation, InvitationTally, Response
from shop.models import Setting
from tests import build
from tests.feedback.figures.giving import give

pytestmark = pytest.mark.django_db


def months(survey, first, last):
    found = counting.by_period(survey.pk, [survey.version.pk], Period.of(first, "month"), Period.of(last, "month"))
    return {f"{period.first:%Y-%m}": scores.counts for period, scores in found.items()}


def test_answers_are_counted_by_the_day_of_the_shop_and_never_those_of_a_test():
    Setting.put("shop.time_zone", "Europe/London")
    survey = build.survey("nps")
    give(survey, {9: 2}, at=datetime(2026, 7, 31, 23, 30, tzinfo=UTC))  # half past midnight in August
    give(survey, {3: 1}, at=datetime(2026, 7, 31, 12, tzinfo=UTC))
    give(survey, {0: 5}, at=datetime(2026, 7, 31, 12, tzinfo=UTC), test=True)

    assert months(survey, date(2026, 7, 1), date(2026, 8, 1)) == {"2026-07": {3: 1}, "2026-08": {9: 2}}


def test_a_changed_score_leaves_its_place_and_a_deleted_answer_its_count(ana):
    survey = build.survey("nps")
    response = build.response(ana, survey, 6)
    others = give(survey, {10: 3})

    response.change({"score": 9, "comment": ""})
    Response.objects.filter(pk=others[0].pk).delete()

    today = timezone.localdate()
    counts = counting.by_period(
        survey.pk, [survey.version.pk], Period.of(today - timedelta(31), "month"), Period.of(today, "month")
    )
    assert sum(counts.values(), Scores()).counts == {9: 1, 10: 2}


def test_counted_anew_there_are_fewer_rows_that_say_the_same(ana):
    survey = build.survey("nps")
    for score in (3, 9, 9):
        give(survey, {score: 1}, days_ago=40)
    build.invitation(ana, survey)
    before = list(tallies())

    counting.count_anew()

    assert list(tallies()) == before
    assert AnswerTally.objects.count() == 2
    assert counting.nightly(timezone.localdate()).kind == "feedback.count_answers"


def tallies():
    for model, key in ((AnswerTally, "score"), (InvitationTally, "version")):
        counted = "n" if model is AnswerTally else "sent"
        found = {}
        for day, value, n in model.objects.values_list("day", key, counted):
            found[day, value] = found.get((day, value), 0) + n
        yield {place: n for place, n in found.items() if n}


def test_who_was_asked_lately_or_never_reached_does_not_count(ana, ben, cleo):
    survey, now = build.survey("nps"), timezone.now()
    people = [ana, ben, cleo, *(build.customer(f"Di {n}") for n in range(3))]
    asked = [build.invitation(person, survey) for person in people]
    Invitation.objects.filter(survey=survey).update(sent_at=now - timedelta(days=20))
    asked[0].answer({"score": 9}, language="en")
    asked[1].answer({"score": 2}, language="en")
    Invitation.objects.filter(pk=asked[2].pk).update(bounced_at=now)
    Invitation.objects.filter(pk=asked[3].pk).update(sent_at=now - timedelta(days=3))
    Invitation.objects.filter(pk=asked[4].pk).update(test=True)

    today = timezone.localdate()
    rates = [
        counting.response_rate(survey.pk, [survey.version.pk], Period.of(today - timedelta(days=n), "week"), today)
        for n in range(0, 28, 7)
    ]

    assert (sum(one.answered for one in rates), sum(one.asked for one in rates)) == (2, 3)
    assert sum(one.bounced for one in rates) == 1


@pytest.mark.parametrize(("why", "counted"), [("hard", 0), ("complaint", 1)])
def test_a_mail_that_came_back_asked_nobody_and_one_called_spam_had_arrived(ana, why, counted):
    survey = build.survey("nps")
    message = build.message(ana, template="survey_invitation", purpose="feedback", cause="invitation:1")
    asked = build.invitation(ana, survey)
    Invitation.objects.filter(pk=asked.pk).update(message=message, sent_at=timezone.now() - timedelta(days=10))
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=timezone.now())
    message.bounce(why)

    sent.heard(list(ana.events.filter(kind="message.bounced")))

    day = timezone.localdate() - timedelta(days=10)
    rate = counting.response_rate(survey.pk, [survey.version.pk], Period.of(day, "week"), timezone.localdate())
    assert rate.asked == counted


@pytest.mark.parametrize(
    ("step", "first", "last", "before"),
    [
        ("week", date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 9)),
        ("month", date(2026, 11, 1), date(2026, 11, 30), date(2026, 10, 1)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31), date(2026, 7, 1)),
    ],
)
def test_a_period_knows_where_it_begins_and_what_lies_before(step, first, last, before):
    period = Period.of(date(2026, 11, 22), step)

    assert (period.first, period.last, period.before.first) == (first, last, before)
