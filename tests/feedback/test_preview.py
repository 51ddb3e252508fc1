"""A survey is tried before anybody is asked; what is answered then is marked and never counted."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Event
from feedback.models import Response
from feedback.surveys.figures import lately
from feedback.surveys.kinds import Kind
from feedback.surveys.ready import make, ready
from tests import build


def tried(survey):
    return reverse("feedback:survey_preview", args=[survey.pk])


@pytest.mark.parametrize("kind", Kind.values)
def test_each_ready_survey_is_shown_as_customers_see_it(as_manager, kind):
    survey = make(ready()[kind], kind, language="en")

    shown = as_manager.get(tried(survey), {"lang": "pl"})

    assert ready()[kind]["questions"][0]["texts"]["pl"]["ask"] in shown.content.decode()
    assert "note-line" in shown.content.decode()
    assert not Response.objects.exists()


def test_a_test_answer_is_marked_tells_nobody_and_is_not_counted(as_manager):
    survey = build.survey("nps")

    done = as_manager.post(tried(survey), {"q_score": "2", "q_comment": "Only trying."})

    made = Response.objects.get()
    assert done.url == survey.get_absolute_url()
    assert (made.test, made.score, made.customer) == (True, 2, None)
    assert not Response.objects.counted().exists()
    assert lately([survey])[survey.pk].answered == 0
    assert not Event.objects.filter(kind="response.recorded").exists()
    assert not survey.version.responses.filter(test=False).exists()
    assert "1 test answer, not counted." in as_manager.get(survey.get_absolute_url()).content.decode()

    as_manager.post(reverse("feedback:survey_tests", args=[survey.pk]))
    assert not Response.objects.exists()


def test_real_answers_stay_when_test_answers_are_forgotten(as_manager, ana):
    survey = build.survey("nps")
    build.response(ana, survey, 9)

    as_manager.post(reverse("feedback:survey_tests", args=[survey.pk]))

    assert Response.objects.count() == 1


def test_an_answer_to_a_draft_is_looked_at_and_not_kept(as_manager):
    survey = make(ready()["nps"], "nps", language="en")

    assert as_manager.post(tried(survey), {"q_comment": "No score."}).status_code == 422
    assert as_manager.post(tried(survey), {"q_score": "9"}).status_code == 302

    assert not Response.objects.exists()
    survey.draft.leave_out("comment")  # and it can still be changed


def test_only_a_page_of_ours_sends_a_test(mira):
    survey = build.survey("nps")
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.force_login(mira)

    assert elsewhere.post(tried(survey), {"q_score": "2"}).status_code == 403
    assert "csrfmiddlewaretoken" in elsewhere.get(tried(survey)).content.decode()
    assert not Response.objects.exists()
