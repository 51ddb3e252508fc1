"""What customers are asked stays; who answered is known, or truly is not."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from crm.events.reactions import run_due
from crm.models import Complaint, Event
from feedback.answering.recording import answer_uninvited, week_of
from feedback.models import AlreadyAnswered, CannotAsk, CannotChange, Invitation, Response, ResponseChange
from tests import build

refused = pytest.raises(IntegrityError, match="is not changed")


@pytest.fixture
def nps(db):
    return build.survey("nps")


def test_a_published_question_keeps_its_words(nps):
    question = nps.version.questions.first()

    for change in ({"texts": {"en": {"ask": "Other?"}}}, {"highest": 9}, {"name": "other"}):
        with refused, transaction.atomic():
            nps.version.questions.filter(pk=question.pk).update(**change)
    with refused, transaction.atomic():
        nps.version.questions.create(name="more", kind="text", position=5)


def test_a_language_may_be_added_to_what_is_asked(nps):
    question = nps.version.questions.first()

    nps.version.questions.filter(pk=question.pk).update(texts={**question.texts, "uk": {"ask": "Наскільки?"}})
    nps.versions.update(languages=["en", "pl", "uk"])

    assert nps.version.questions.first().said("ask", "uk") == "Наскільки?"
    with refused, transaction.atomic():
        nps.versions.update(languages=["uk", "en", "pl"])


def test_who_was_asked_with_a_version_keeps_it_when_a_new_one_is_published(nps, ana):
    asked = build.invitation(ana, nps)

    draft = nps.open_draft()
    draft.questions.filter(kind="comment").update(required=True)
    assert draft.publish(by=None, actor="")

    assert nps.version == draft
    asked.refresh_from_db()
    assert asked.version.number == 1
    assert [version.number for version in nps.versions.order_by("number")] == [1, 2]


def test_a_version_that_nobody_was_asked_with_stays_and_is_not_shown(nps):
    never = nps.version
    draft = nps.open_draft()
    draft.leave_out("comment")
    draft.publish(by=None, actor="")

    assert [version.number for version in nps.versions.asked()] == [2]
    for rows in (never.questions.all(), nps.versions.filter(pk=never.pk)):
        with pytest.raises(IntegrityError, match="that was published is not"), transaction.atomic():
            rows.delete()
    answer_uninvited(never, {"score": 3}, language="en", channel="open")
    assert [version.number for version in nps.versions.asked()] == [2, 1]


def test_a_draft_is_published_once_whoever_holds_it(nps):
    draft = nps.open_draft()
    draft.leave_out("comment")
    stale = nps.versions.get(pk=draft.pk)
    assert draft.publish(by=None, actor="")

    assert not stale.publish(by=None, actor="")
    assert [question.name for question in nps.version.questions.all()] == ["score"]
    assert not nps.drop_draft()


def test_a_draft_with_something_missing_is_not_published(nps):
    draft = nps.open_draft()
    draft.languages = ["en", "pl", "ru"]
    draft.save()

    with pytest.raises(CannotAsk) as refusal:
        draft.publish(by=None, actor="")

    assert refusal.value.why == ["Русский: question 1, 2 has no text."]


def test_one_cause_invites_once_and_a_paused_survey_nobody(nps, ana):
    first = Invitation.objects.invite(ana, nps, cause="order:1", trigger="order")
    assert Invitation.objects.invite(ana, nps, cause="order:1", trigger="order") == first

    nps.pause(actor="")
    with pytest.raises(CannotAsk):
        Invitation.objects.invite(ana, nps, cause="order:2", trigger="order")


def test_an_answer_stands_on_the_response_and_is_an_event(nps, ana):
    made = build.response(ana, nps, 6, "Late.")

    event = Event.objects.get(kind="response.recorded")
    assert (made.score, made.comment, made.band, made.customer) == (6, "Late.", "low", ana)
    assert (event.customer, event.subject_id, event.data["score"]) == (ana, made.pk, 6)
    with pytest.raises(AlreadyAnswered):
        made.invitation.answer({"score": 1}, language="en")


def test_a_change_within_a_day_keeps_what_was_before(nps, ana):
    made = build.response(ana, nps, 3, "Late.")

    assert made.change({"score": 9, "comment": "Sorted."})
    assert not made.change({"score": 9, "comment": "Sorted."})

    assert (made.score, ResponseChange.objects.get().score) == (9, 3)
    assert Event.objects.get(kind="response.changed").data["former"] == 3
    old = build.response(ana, build.survey("csat"), 1, at=2)
    with pytest.raises(CannotChange):
        old.change({"score": 5})


def test_an_answer_without_a_name_shares_nothing_with_the_invitation(ana):
    quiet = build.survey("nps", names="choice")
    asked = build.invitation(ana, quiet)

    made = asked.answer({"score": 2, "comment": "Hm."}, language="en", nameless=True, callback=True)

    assert (made.customer, made.invitation, made.order, made.callback) == (None, None, None, False)
    assert made.at == asked.answered_at == week_of(timezone.now())
    assert not Event.objects.filter(kind="response.recorded").exists()
    with pytest.raises(CannotChange):
        made.change({"score": 9})
    with pytest.raises(IntegrityError, match="without a name is not changed"), transaction.atomic():
        Response.objects.update(score=9)


def test_a_name_is_kept_where_the_survey_does_not_offer_to_leave_it_out(nps, ana):
    made = build.invitation(ana, nps).answer({"score": 9}, language="en", nameless=True)

    assert made.customer == ana


def test_an_open_link_needs_no_customer(nps):
    made = answer_uninvited(nps.version, {"score": 10}, language="pl", channel="open")

    assert (made.customer, made.invitation, made.score) == (None, None, 10)


WAYS_WITHOUT_A_NAME = {
    "a link": lambda survey, ana, by: build.invitation(ana, survey, order=build.order(ana)).answer(
        {"score": 1, "comment": "Hm."}, language="en", nameless=True, callback=True
    ),
    "told to staff": lambda survey, ana, by: build.invitation(ana, survey).answer(
        {"score": 1}, language="en", channel="staff", nameless=True, assisted_by=by
    ),
    "a program": lambda survey, ana, by: answer_uninvited(
        survey.version, {"score": 1}, language="en", channel="api", customer=ana, nameless=True, source="api:1"
    ),
}


@pytest.mark.parametrize("way", WAYS_WITHOUT_A_NAME)
def test_without_a_name_nothing_leads_back_and_nothing_follows_whichever_way_it_came(way, ana, mira):
    survey = build.survey("nps", names="choice")

    made = WAYS_WITHOUT_A_NAME[way](survey, ana, mira)
    for name in ("feedback.follow_answers", "loyalty.reward_answers", "loyalty.give_promoters_a_code"):
        run_due(name.replace(".", ".reactions."))

    keys = [field.attname for field in Response._meta.concrete_fields if field.is_relation]
    assert {key: getattr(made, key) for key in keys if getattr(made, key) is not None} == {
        "survey_id": survey.pk,
        "version_id": survey.version.pk,
    }
    assert (made.source, made.callback, made.at) == (None, False, week_of(timezone.now()))
    assert not Event.objects.filter(Q(kind__startswith="response.") | Q(subject_type="feedback.response")).exists()
    assert not Complaint.objects.exists()
    assert not made.may_be_changed


def test_and_no_other_table_keeps_the_number_of_such_an_answer(ana):
    survey = build.survey("nps", names="nameless")
    made = build.invitation(ana, survey).answer({"score": 1, "comment": "late"}, language="en")

    leads = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Response and model.objects.filter(**{field.name: made}).exists()
    ]

    assert leads == []
