"""Which versions of a survey are counted together: those that ask for the score in the same words on the same scale."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from feedback.figures import counting
from feedback.models import Question, Survey, SurveyVersion
from shop import formats

WORDS = ("ask", "low_end", "high_end")


@dataclass(frozen=True)
class Versions:
    """`chosen` and those that ask the same; the `others` are counted apart. (version, how many answers) each."""

    chosen: SurveyVersion
    counted: list[SurveyVersion]
    others: list[tuple[SurveyVersion, int]]
    is_newest: bool

    @classmethod
    def of(cls, survey: Survey, asked: str) -> "Versions | None":
        """The one with this number, or the newest that was answered."""
        score = Prefetch("questions", Question.objects.filter(kind=Question.Kind.SCORE), to_attr="asks")
        published: list[Any] = list(survey.versions.asked().prefetch_related(score))
        if not published:
            return None
        answers = counting.versions_with_answers(survey.pk)
        newest = next((one for one in published if one.pk in answers), published[0])
        chosen = next((one for one in published if str(one.number) == asked), newest)
        counted = [one for one in published if one is chosen or asks_the_same(one, chosen)]
        others = [(one, answers.get(one.pk, 0)) for one in published if one not in counted]
        return cls(chosen, counted, [pair for pair in others if pair[1]], chosen is newest)

    @property
    def ids(self) -> list[int]:
        return [one.pk for one in self.counted]

    @property
    def said(self) -> str:
        """Version 3, since 4 March 2026."""
        first = self.counted[-1]
        since = formats.day(formats.local(first.published_at)[0]) if first.published_at else ""
        if len(self.counted) == 1:
            return _("Version %(n)s, since %(day)s.") % {"n": self.chosen.number, "day": since}
        numbers = ", ".join(str(one.number) for one in reversed(self.counted))
        said = _("Versions %(numbers)s, since %(day)s: they ask for the score in the same words.")
        return said % {"numbers": numbers, "day": since}


def asks_the_same(one: Any, other: Any) -> bool:
    """Surveys without a score are counted version by version."""
    if not one.asks or not other.asks:
        return False
    mine, theirs = one.asks[0], other.asks[0]
    if mine.shape != theirs.shape:
        return False
    both = set(one.languages) & set(other.languages)
    return bool(both) and all(_words(mine, code) == _words(theirs, code) for code in both)


def _words(question: Question, language: str) -> list[str]:
    said = question.texts.get(language, {})
    return [said.get(name, "") for name in WORDS]
