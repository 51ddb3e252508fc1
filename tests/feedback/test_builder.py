"""A shop owner makes a survey in a minute, and what customers are asked changes when it is published."""

import pytest
from django.urls import reverse

from crm.models import Event
from feedback.models import Question, Survey
from feedback.surveys.kinds import Kind
from feedback.surveys.ready import make, ready
from tests import build


def page(name, *args):
    return reverse(f"feedback:{name}", args=args)


def named(survey):
    return [question.name for question in (survey.draft or survey.version).questions.all()]


def form_of(question, **changes):
    """What the page of a question sends back, with changes."""
    sent = {"required": "on"} if question.required else {}
    for language, said in question.texts.items():
        sent |= {f"{language}-{name}": text for name, text in said.items() if name != "choices"}
        sent |= {f"{language}-choice-{number}": text for number, text in said.get("choices", {}).items()}
    sent |= {"choices": question.choices, "branch": question.branch}
    if question.kind == "scale":
        sent["scale"] = f"{question.lowest}-{question.highest}"
    return sent | changes


@pytest.fixture
def exit_survey(db):
    return make(ready()["exit"], "exit", language="en")


@pytest.mark.parametrize("kind", Kind.values)
def test_a_ready_survey_is_sent_after_two_clicks(as_manager, kind):
    taken = as_manager.post(page("survey_new"), {"kind": kind})
    survey = Survey.objects.get()
    assert taken.url == survey.get_absolute_url()
    assert not survey.is_running

    as_manager.post(page("survey_publish", survey.pk), {"do": "start"})

    survey.refresh_from_db()
    assert survey.is_running
    assert survey.version.number == 1
    assert as_manager.get(survey.get_absolute_url()).status_code == 200


def test_a_question_is_changed_in_a_draft_and_asked_once_it_is_published(as_manager, ana):
    survey = build.survey("nps")
    build.invitation(ana, survey)
    comment = survey.version.questions.get(name="comment")

    as_manager.post(page("survey_question", survey.pk, "comment"), form_of(comment, **{"en-ask": "Tell us why"}))

    assert survey.version.questions.get(name="comment").said("ask", "en") == "Why?"
    as_manager.post(page("survey_publish", survey.pk), {"do": "publish"})
    assert survey.version.number == 2
    assert survey.version.questions.get(name="comment").said("ask", "en") == "Tell us why"
    assert survey.version.questions.get(name="comment").said("ask_low", "en") == "What went wrong?"


def test_a_question_saved_as_it_was_begins_no_draft(as_manager):
    survey = build.survey("nps")

    as_manager.post(
        page("survey_question", survey.pk, "comment"), form_of(survey.version.questions.get(name="comment"))
    )

    assert survey.draft is None


def test_choices_keep_their_numbers_when_they_are_moved_and_left_out(as_manager, exit_survey):
    why = exit_survey.draft.questions.get(name="why")
    sent = form_of(why, **{"en-choice-2": "", "choices": [3, 1, 2, 4, 5, 6, 7], "en-choice-7": "Moved away"})

    as_manager.post(page("survey_question", exit_survey.pk, "why"), sent)

    why.refresh_from_db()
    assert why.choices == [3, 1, 4, 5, 6, 7]
    assert why.choices_in("en")[-1] == (7, "Moved away")
    assert dict(why.choices_in("pl"))[3] == "Za mały wybór"
    assert "2" not in why.texts["pl"]["choices"]


def test_a_number_that_a_choice_had_once_is_never_given_to_another(as_manager, exit_survey):
    exit_survey.draft.publish(by=None, actor="")
    build.invitation(build.customer(), exit_survey, test=True)
    draft = exit_survey.open_draft()
    draft.questions.get(name="why").change(choices=[1, 2])

    response = as_manager.get(page("survey_question", exit_survey.pk, "why"))

    assert [number for number, _fields in response.context["form"].choices] == [1, 2, 7, 8, 9]


def test_a_choice_needs_another_one_beside_it(as_manager, exit_survey):
    why = exit_survey.draft.questions.get(name="why")

    refused = as_manager.post(page("survey_question", exit_survey.pk, "why"), form_of(why, choices=[1]))

    assert refused.status_code == 422
    assert "Write at least two choices." in refused.content.decode()


@pytest.mark.parametrize("kind", ["single", "multiple", "scale", "yes_no", "text", "date"])
def test_a_question_of_each_kind_is_added_with_its_words(as_manager, kind):
    survey = make(ready()["csat"], "csat", language="en")
    sent = {"en-ask": "And this?", "pl-ask": "A to?", "choices": [1, 2], "scale": "1-7", "branch": "low"}
    sent |= {"en-choice-1": "One", "en-choice-2": "Two"}

    added = as_manager.post(f"{page('survey_question_new', survey.pk)}?kind={kind}", sent)

    assert added.status_code == 302
    question = Question.objects.get(version=survey.draft, name="q1")
    assert (question.kind, question.branch, question.position) == (kind, "low", 2)
    assert question.said("ask", "pl") == "A to?"
    assert question.choices == ([1, 2] if kind in ("single", "multiple") else [])


def test_a_second_comment_or_an_unknown_kind_is_not_offered(as_manager):
    survey = make(ready()["csat"], "csat", language="en")

    for kind in ("comment", "score", "nonsense"):
        assert as_manager.get(f"{page('survey_question_new', survey.pk)}?kind={kind}").status_code == 404


def test_questions_are_moved_by_the_arrows_and_by_htmx(as_manager):
    survey = make(ready()["csat"], "csat", language="en")
    survey.draft.ask("text", texts={"en": {"ask": "And?"}})

    as_manager.post(page("survey_question_place", survey.pk, "q1"), {"to": "0"})
    assert named(survey) == ["q1", "score", "comment"]

    part = as_manager.post(page("survey_question_place", survey.pk, "q1"), {"to": "9"}, headers={"HX-Request": "true"})
    assert named(survey) == ["score", "comment", "q1"]
    assert part.content.decode().lstrip().startswith("<div")
    assert as_manager.post(page("survey_question_place", survey.pk, "q1"), {"to": "-1"}).status_code == 404


def test_a_question_taken_out_comes_back_where_it_was(as_manager):
    survey = make(ready()["csat"], "csat", language="en")

    as_manager.post(page("survey_question_out", survey.pk, "score"))
    assert named(survey) == ["comment"]
    assert "The question for the score is missing." in as_manager.get(survey.get_absolute_url()).content.decode()
    as_manager.post(page("survey_question_back", survey.pk))

    assert named(survey) == ["score", "comment"]


def test_a_survey_with_something_missing_is_not_started(as_manager):
    survey = make(ready()["csat"], "csat", language="en")
    survey.draft.ask("text", texts={"en": {"ask": "And?"}})

    as_manager.post(page("survey_publish", survey.pk), {"do": "start"})

    survey.refresh_from_db()
    assert not survey.is_running
    assert "Polski: question 3 has no text." in as_manager.get(survey.get_absolute_url()).content.decode()


def test_a_language_that_is_added_makes_no_new_version(as_manager, ana):
    survey = build.survey("nps")
    build.response(ana, survey, 9)
    as_manager.post(page("survey_language", survey.pk), {"language": "uk", "do": "add"})
    for question in survey.draft.questions.all():
        sent = form_of(question, **{"uk-ask": "Українською?"})
        as_manager.post(page("survey_question", survey.pk, question.name), sent)

    as_manager.post(page("survey_publish", survey.pk), {"do": "publish"})

    assert [version.number for version in survey.versions.all()] == [1]
    assert survey.version.languages == ["en", "pl", "uk"]
    assert survey.version.questions.first().said("ask", "uk") == "Українською?"


def test_languages_are_left_out_and_put_first_and_one_always_stays(as_manager):
    survey = make(ready()["csat"], "csat", language="en")
    for code in ("ru", "uk"):
        as_manager.post(page("survey_language", survey.pk), {"language": code, "do": "remove"})
    as_manager.post(page("survey_language", survey.pk), {"language": "pl", "do": "first"})
    assert survey.draft.languages == ["pl", "en"]

    for code in ("en", "pl"):
        as_manager.post(page("survey_language", survey.pk), {"language": code, "do": "remove"})

    assert survey.draft.languages == ["pl"]


def test_dropped_changes_leave_what_customers_are_asked(as_manager):
    survey = build.survey("nps")
    survey.open_draft().leave_out("comment")

    as_manager.post(page("survey_discard", survey.pk))

    assert survey.draft is None
    assert named(survey) == ["score", "comment"]


def test_dropped_changes_come_back_as_they_were_unless_new_ones_were_begun(as_manager):
    survey = build.survey("nps")
    draft = survey.open_draft()
    draft.ask("text", texts={"en": {"ask": "And?"}, "pl": {"ask": "I co?"}})
    draft.leave_out("comment")
    draft.speak_first("pl")
    before = draft.as_told()
    page_after = as_manager.post(page("survey_discard", survey.pk), follow=True).content.decode()
    assert page("survey_draft_back", survey.pk) in page_after

    as_manager.post(page("survey_draft_back", survey.pk))

    assert survey.draft.as_told() == before
    as_manager.post(page("survey_question_back", survey.pk))
    assert "comment" in named(survey)

    as_manager.post(page("survey_discard", survey.pk))
    survey.open_draft().ask("text", texts={"en": {"ask": "Newer?"}})
    said = as_manager.post(page("survey_draft_back", survey.pk), follow=True).content.decode()
    assert "stay dropped" in said
    assert named(survey) == ["score", "comment", "q1"]


def test_a_survey_is_paused_put_away_and_back_each_with_its_undo(as_manager):
    survey = build.survey("nps")
    steps = [("pause", False, ""), ("start", True, ""), ("archive", False, "away"), ("restore", True, "")]

    for do, running, away in steps:
        as_manager.post(page("survey_state", survey.pk), {"do": do})
        survey.refresh_from_db()
        assert (survey.is_running, bool(survey.archived_at)) == (running, bool(away)), do
    toasts = as_manager.get(survey.get_absolute_url()).content.decode()
    assert f"{page('survey_state', survey.pk)}?do=archive" in toasts


def test_what_is_put_away_is_not_edited(as_manager):
    survey = build.survey("nps")
    survey.archive(actor="")

    assert as_manager.post(page("survey_question_out", survey.pk, "score")).status_code == 404
    assert as_manager.get(survey.get_absolute_url()).status_code == 200


def test_who_may_read_reports_sees_surveys_and_support_does_not(as_support):
    survey = build.survey("nps")

    assert as_support.get(survey.get_absolute_url()).status_code == 403
    assert as_support.post(page("survey_state", survey.pk), {"do": "pause"}).status_code == 403
    survey.refresh_from_db()
    assert survey.is_running


def test_an_earlier_version_can_be_read_as_it_was(as_manager, ana):
    survey = build.survey("nps")
    build.invitation(ana, survey)
    survey.open_draft().questions.get(name="comment").change(
        texts={"en": {"ask": "New words?"}, "pl": {"ask": "Nowe?"}}
    )
    survey.draft.publish(by=None, actor="")

    body = as_manager.get(page("survey_version", survey.pk, 1)).content.decode()

    assert "Why?" in body
    assert "New words?" not in body


def test_the_words_around_are_said_in_each_language(as_manager):
    survey = build.survey("nps")

    as_manager.post(page("survey_around", survey.pk), {"en-thanks": "Thank you.", "pl-intro": "Dzień dobry."})

    assert survey.draft.said("thanks", "en") == "Thank you."
    assert survey.draft.said("intro", "pl") == "Dzień dobry."


def test_when_it_is_sent_is_said_in_the_settings(as_manager, mira):
    survey = build.survey("nps")
    sent = {"name": "Twice a year", "trigger": "order", "delay_days": "14", "every_months": "6", "reminders": "2"}
    sent |= {"reminder_days": "4", "names": "choice", "owner": mira.pk, "review_url": "shop.example/review"}
    assert as_manager.get(page("survey_edit", survey.pk)).status_code == 200

    assert as_manager.post(page("survey_edit", survey.pk), sent).status_code == 302
    survey.refresh_from_db()
    assert (survey.trigger, survey.delay_days, survey.owner) == ("order", 14, mira)
    assert survey.review_url == "https://shop.example/review"
    body = as_manager.get(survey.get_absolute_url()).content.decode()
    assert "14 days after an order" in body
    told = Event.objects.filter(kind="survey.changed").latest("pk")
    assert (told.actor, told.data["what"]) == (mira.actor, "changed")
    assert "reminded twice, 4 days apart" in body

    wrong = as_manager.post(page("survey_edit", survey.pk), {**sent, "delay_days": "400", "reminder_days": "0"})
    assert wrong.status_code == 422


def test_the_list_asks_as_much_for_one_survey_as_for_many(as_manager, django_assert_max_num_queries):
    for _ in range(12):
        build.survey("nps", running=False)
    as_manager.get(page("surveys"))

    with django_assert_max_num_queries(12):
        assert as_manager.get(page("surveys")).status_code == 200
