"""A draft is edited in the instant it is published. Without the guard it fails, or changes what is asked already."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from feedback.models import Question, SurveyVersion
from feedback.models.survey import SurveyQuerySet
from tests import build
from tests.conftest import signed_in
from tests.faults.running import wait_until
from tests.races.gate import somebody_waits_for_us

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {"en-ask": "New words?", "pl-ask": "Nowe?"}
EDITS = {  # what is posted, and the verb that writes it
    "question": (("survey_question", "comment"), WORDS, (Question, "change")),
    "out": (("survey_question_out", "comment"), {}, (SurveyVersion, "leave_out")),
    "back": (("survey_question_back",), {}, (SurveyVersion, "put_back")),
    "place": (("survey_question_place", "comment"), {"to": "0"}, (SurveyVersion, "move")),
    "language": (("survey_language",), {"language": "pl", "do": "first"}, (SurveyVersion, "speak_first")),
    "discard": (("survey_discard",), {}, (SurveyVersion, "take_out")),
}


def page(survey, name, *more):
    return reverse(f"feedback:{name}", args=[survey.pk, *more])


def asked_by(survey):
    """What customers are asked with now."""
    version = survey.version
    return version and (version.languages, list(version.questions.values_list("name", "position", "texts")))


def drafted():
    """With a question more than is asked now, and one that was left out."""
    survey = build.survey("nps")
    draft = survey.open_draft()
    for name in ("more", "less"):
        draft.ask("text", name=name, texts={"en": {"ask": "And?"}, "pl": {"ask": "I co?"}})
    draft.leave_out("less")
    return survey


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_in_the_instant_of_publishing_comes_before_it_or_after(edit, guarded, monkeypatch, mira):
    survey, (door, typed, (model, verb)) = drafted(), EDITS[edit]
    writes, publishing = getattr(model, verb), []
    if not guarded:
        monkeypatch.setattr(SurveyQuerySet, "select_for_update", lambda rows, **_how: rows)

    def publish():
        try:
            return signed_in(mira).post(page(survey, "survey_publish"), {"do": "publish"}).status_code, asked_by(survey)
        finally:
            connection.close()

    def writes_while_it_is_published(self, *args, **named):
        """Who edits has looked; now somebody publishes, or has to wait."""
        if not publishing:
            publishing.append(pool.submit(publish))
            wait_until(lambda: publishing[0].done() or somebody_waits_for_us(), 300, "published, or waiting")
        return writes(self, *args, **named)

    monkeypatch.setattr(model, verb, writes_while_it_is_published)
    with ThreadPoolExecutor(1) as pool:
        client = signed_in(mira)
        client.raise_request_exception = False
        status = client.post(page(survey, *door), typed).status_code

    published, as_published = publishing[0].result()
    assert published == 302
    assert ((status, asked_by(survey)) == (302, as_published)) is guarded
