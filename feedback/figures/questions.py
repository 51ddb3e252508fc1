"""What was answered to the questions beside the score: shares of choices, means of scales, how many wrote something."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Func, IntegerField
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from feedback.figures.counting import scores_of
from feedback.figures.measures import FEWEST, HIDDEN_UNDER, Mean
from feedback.figures.overview import Report
from feedback.models import Answer, Question, Response
from shop import formats
from shop.intervals import FEW, share

Kind = Question.Kind
CHOICES = (Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO)


@dataclass(frozen=True)
class Choice:
    """How many of those who answered the question chose it."""

    label: str
    k: int
    n: int
    url: str

    @property
    def share(self) -> float:
        return self.k / self.n

    @property
    def range(self) -> str:
        found = share(self.k, self.n)
        return _("%(low)s to %(high)s") % {"low": formats.percent(found.low), "high": formats.percent(found.high)}


@dataclass(frozen=True)
class Asked:
    """One question. `said` is its figure in words where it has no choices."""

    text: str
    n: int
    url: str
    choices: list[Choice] = field(default_factory=list)
    said: str = ""
    range: str = ""

    @property
    def is_few(self) -> bool:
        return self.n < FEWEST

    @property
    def is_grey(self) -> bool:
        return self.n < FEW


def asked(report: Report) -> list[Asked]:
    """Of the chosen version, in its order. In surveys with a score, of those with the same question too."""
    questions = list(report.version.questions.exclude(kind__in=[Kind.SCORE, Kind.COMMENT]))
    if not questions:
        return []
    rows = _responses(report)
    answers = Answer.objects.filter(response__in=rows, question__version=report.version).order_by()
    counts = dict(answers.values_list("question").annotate(n=Count("pk")))
    chosen, numbers = _chosen(answers), _numbers(answers)
    language = report.version.language_for((get_language() or "en")[:2])
    found = []
    for question in questions:
        question.version = report.version
        about = (question, language, counts.get(question.pk, 0), report)
        found.append(_figure(*about, chosen[question.pk], numbers[question.pk]))
    return found


def _responses(report: Report) -> Any:
    """A few without a name are left out, as of every figure."""
    begins, ends = report.period.moments
    rows = Response.objects.counted().filter(survey=report.survey, version=report.version)
    rows = rows.filter(at__gte=begins, at__lt=ends).order_by()
    few = rows.filter(nameless=True)[:HIDDEN_UNDER].count()
    return rows.named() if few < HIDDEN_UNDER else rows


def _chosen(answers: Any) -> dict[int, dict[int, int]]:
    """{question: {choice: how many}}"""
    one = Func(F("chosen"), function="unnest", output_field=IntegerField())
    found: dict[int, dict[int, int]] = defaultdict(dict)
    chosen = answers.filter(question__kind__in=[Kind.SINGLE, Kind.MULTIPLE]).annotate(one=one)
    for question, number, n in chosen.values_list("question", "one").annotate(n=Count("pk")):
        found[question][number] = n
    return found


def _numbers(answers: Any) -> dict[int, dict[int, int]]:
    """{question: {number on its scale: how many}}; yes is 1."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    scales = answers.filter(question__kind__in=[Kind.SCALE, Kind.YES_NO], number__isnull=False)
    for question, number, n in scales.values_list("question", "number").annotate(n=Count("pk")):
        found[question][number] = n
    return found


def _figure(
    question: Question, language: str, n: int, report: Report, chosen: dict[int, int], numbers: dict[int, int]
) -> Asked:
    text, url = question.said("ask", language), report.behind(chose=question.name)
    if n < FEWEST or question.kind in (Kind.TEXT, Kind.DATE):
        said = ngettext("%(n)s answer", "%(n)s answers", n) % {"n": formats.number(n)}
        return Asked(text, n, url, said=said)
    if question.kind == Kind.SCALE:
        mean = Mean(question.lowest or 0, question.highest or 10)
        found = mean.of(scores_of((number, False, k) for number, k in numbers.items()))
        words = {"low": mean.say(found.low), "high": mean.say(found.high)}
        said = _("%(mean)s of %(highest)s") % {"mean": mean.say(found.value), "highest": question.highest}
        return Asked(text, n, url, said=said, range=_("%(low)s to %(high)s") % words)
    named = [(1, _("yes")), (0, _("no"))] if question.kind == Kind.YES_NO else question.choices_in(language)
    counts = numbers if question.kind == Kind.YES_NO else chosen
    choices = [
        Choice(label, counts.get(number, 0), n, report.behind(chose=f"{question.name}:{number}"))
        for number, label in named
    ]
    if question.kind != Kind.YES_NO:
        choices.sort(key=lambda one: -one.k)
    return Asked(text, n, url, choices)
