"""Whether a draft can be published: what is still missing, in sentences."""

from django.conf import settings
from django.utils.translation import gettext as _

from feedback.models import Question, SurveyVersion
from feedback.surveys.kinds import SCORED

NEEDS_CHOICES = (Question.Kind.SINGLE, Question.Kind.MULTIPLE)


def missing(version: SurveyVersion) -> list[str]:
    questions = list(version.questions.all())
    if not questions:
        return [_("There is no question yet.")]
    found = []
    if version.survey.kind in SCORED and all(one.kind != Question.Kind.SCORE for one in questions):
        found.append(_("The question for the score is missing."))
    for language in version.languages:
        without = [place for place, one in enumerate(questions, 1) if not is_said(one, language)]
        if without:
            named = {"language": dict(settings.LANGUAGES)[language], "numbers": ", ".join(map(str, without))}
            found.append(_("%(language)s: question %(numbers)s has no text.") % named)
    for place, one in enumerate(questions, 1):
        if one.kind in NEEDS_CHOICES and len(one.choices) < 2:
            found.append(_("Question %(number)s needs at least two choices.") % {"number": place})
    return found


def is_said(question: Question, language: str) -> bool:
    texts = question.texts.get(language, {})
    choices = texts.get("choices", {})
    return bool(texts.get("ask")) and all(choices.get(str(number)) for number in question.choices)
