"""What is ready to send can be sent as it is."""

import json
from datetime import date

import pytest
from django.conf import settings

from feedback.demo import surveys as demo
from feedback.models import Survey
from feedback.surveys.checking import missing
from feedback.surveys.kinds import SCALES, Kind
from feedback.surveys.ready import make, ready

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize("kind", Kind.values)
def test_a_ready_survey_lacks_nothing_in_any_language(db, kind):
    survey = make(ready()[kind], kind, language="pl")

    assert missing(survey.draft) == []
    assert survey.draft.languages == ["pl", "en", "ru", "uk"]
    assert survey.name == ready()[kind]["names"]["pl"]


@pytest.mark.parametrize("told", [*ready().values(), json.loads(demo.OWN.read_text())])
def test_every_text_is_there_in_every_language(told):
    for question in told["questions"]:
        kinds = [
            sorted(question["texts"][code]) + sorted(question["texts"][code].get("choices", {})) for code in LANGUAGES
        ]
        assert all(one == kinds[0] for one in kinds), question["name"]
    assert sorted(told["texts"]) == sorted(LANGUAGES)


def test_the_scales_are_those_of_the_kinds():
    for kind, scale in SCALES.items():
        score = ready()[kind]["questions"][0]
        assert (score["lowest"], score["highest"]) == (scale.lowest, scale.highest)


def test_the_demo_has_a_running_survey_of_each_kind(db, mira):
    demo.tell({"mira": mira}, date(2026, 11, 22))

    surveys = list(Survey.objects.order_by("pk"))
    assert [survey.kind for survey in surveys] == ["nps", "csat", "ces", "exit", "own"]
    assert all(survey.is_running and survey.started_at.year == 2025 for survey in surveys[:4])


def test_the_bands_are_those_of_the_conventions():
    edges = {kind: [scale.band(step).value for step in scale.steps] for kind, scale in SCALES.items()}

    assert edges["nps"] == ["low"] * 7 + ["middle"] * 2 + ["high"] * 2
    assert edges["csat"] == ["low"] * 2 + ["middle"] + ["high"] * 2
    assert edges["ces"] == ["low"] * 3 + ["middle"] + ["high"] * 3
