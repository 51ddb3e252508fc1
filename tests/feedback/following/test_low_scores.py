"""Low score → owned complaint with its promise → asked again, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.events.reactions import run_due
from crm.models import Complaint, Note
from feedback.following import low_scores
from feedback.models import Invitation, Response
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db


def react():
    for name in ("follow_answers", "invite_after_complaints", "withdraw_of_complaints"):
        run_due(f"feedback.reactions.{name}")


def answered(customer, kind="nps", score=3, comment="", **how):
    trigger = how.pop("trigger", "hand")
    survey = how.pop("survey", None) or build.survey(kind)
    asked = build.invitation(customer, survey, trigger=trigger)
    response = asked.answer({"score": score, "comment": comment}, language="en", **how)
    react()
    response.refresh_from_db()
    return response


def close(complaint):
    complaint.solve(actor="staff:1")
    complaint.tell(actor="staff:1")
    complaint.close(actor="staff:1")
    react()


@pytest.mark.parametrize(
    ("kind", "low", "fine"),
    [("nps", 6, 7), ("csat", 2, 3), ("ces", 3, 4)],
)
def test_a_low_score_opens_a_complaint_and_one_above_does_not(ana, ben, kind, low, fine):
    assert answered(ana, kind, low).complaint is not None
    assert answered(ben, kind, fine).complaint is None


def test_it_has_an_owner_and_the_promise_by_the_clock(ana, mira):
    response = answered(ana, score=3, comment="The parcel came too late.")

    complaint = response.complaint
    assert complaint.owner == mira
    assert complaint.answer_due_at - response.at == timedelta(hours=48)
    assert (complaint.title, complaint.details) == (
        f"Low score: 3 of 10, {response.survey.name}",
        "The parcel came too late.",
    )
    assert complaint.channel == "web"


def test_the_promise_is_a_setting_and_the_customers_own_owner_comes_first(ana, sam, mira):
    Setting.put("feedback.promise_hours", 4)
    type(ana).objects.filter(pk=ana.pk).update(owner=sam)
    ana.refresh_from_db()

    complaint = answered(ana, survey=build.survey("nps", owner=mira)).complaint

    assert complaint.owner == sam
    assert complaint.answer_due_at - complaint.opened_at <= timedelta(hours=4)


def test_call_me_opens_one_whatever_the_score(ana):
    complaint = answered(ana, score=9, callback=True).complaint

    assert complaint.title.startswith("Please call: 9 of 10")


def test_heard_twice_it_is_one_complaint(ana):
    response = answered(ana)

    low_scores._follow_one(response)
    low_scores.follow(list(ana.events.filter(kind="response.recorded")))

    assert Complaint.objects.count() == 1


def test_a_test_answer_and_one_without_a_name_open_none(ana):
    build.invitation(ana, build.survey("nps"), test=True).answer({"score": 0}, language="en")
    build.invitation(ana, build.survey("nps", names="nameless")).answer({"score": 0}, language="en")
    react()

    assert Response.objects.count() == 2
    assert not Complaint.objects.exists()


def test_a_score_changed_to_a_good_one_closes_what_nobody_has_touched(ana):
    response = answered(ana, score=2)

    response.change({"score": 9, "comment": ""}, actor="")
    react()

    complaint = Complaint.objects.get()
    assert (complaint.stage, "9 of 10" in complaint.outcome) == ("closed", True)
    assert not Invitation.objects.filter(trigger="reask").exists()


def test_and_leaves_a_note_on_what_somebody_works_on(ana):
    response = answered(ana, score=2)
    response.complaint.acknowledge(actor="staff:1")

    response.change({"score": 9, "comment": "All good now."}, actor="")
    react()
    low_scores.follow(list(ana.events.filter(kind="response.changed")))

    complaint = Complaint.objects.get()
    assert complaint.stage == "acknowledged"
    assert "All good now." in Note.objects.get(complaint=complaint).body


def test_a_score_changed_to_a_low_one_opens_one(ana):
    response = answered(ana, score=9)

    response.change({"score": 2, "comment": ""}, actor="")
    react()

    assert Complaint.objects.get().title.startswith("Low score: 2 of 10")


def test_when_it_is_closed_the_same_is_asked_once_more(ana):
    response = answered(ana)
    close(response.complaint)

    (again,) = Invitation.objects.filter(trigger="reask")
    assert (again.survey, again.complaint) == (response.survey, response.complaint)
    assert timedelta(days=6) < again.due_at - timezone.now() < timedelta(days=8)

    second = again.answer({"score": 1}, language="en")
    react()
    second.refresh_from_db()
    close(second.complaint)

    assert Complaint.objects.count() == 2
    assert Invitation.objects.filter(trigger="reask").count() == 1


def test_opened_again_it_is_not_asked_until_it_is_closed_again(ana):
    complaint = answered(ana).complaint
    close(complaint)
    complaint.reopen(actor="staff:1")
    react()
    assert Invitation.objects.get(trigger="reask").why == "complaint_reopened"

    close(Complaint.objects.get())

    assert sorted(Invitation.objects.filter(trigger="reask").values_list("state", flat=True)) == ["not_sent", "waiting"]


def test_zero_days_never_asks_again(ana):
    Setting.put("feedback.ask_again_days", 0)

    close(answered(ana).complaint)

    assert not Invitation.objects.filter(trigger="reask").exists()
