"""Answers as somebody with certain rights sees them in a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.complaints.words import Due, due_of
from feedback.figures.quiet_weeks import QuietWeeks
from feedback.following.low_scores import score_in_words
from feedback.following.topics import HOLDS
from feedback.models import Answer, Response, ResponseTopic, Topic
from feedback.surveys.kinds import Band
from shop import formats


@dataclass(frozen=True)
class AnswerRow:
    """One answer as somebody with these rights sees it. Without a name it tells the week, where it is one of five."""

    response: Response
    may_name: bool
    says_week: bool

    @property
    def customer(self) -> Any:
        return self.response.customer if self.may_name else None

    @property
    def score(self) -> str:
        return score_in_words(self.response)

    @property
    def tone(self) -> str:
        return {Band.LOW: "score--low", Band.HIGH: "score--high"}.get(self.response.band or Band.MIDDLE, "")

    @property
    def topics(self) -> list[Topic]:
        return [one.topic for one in self.response.about]  # type: ignore[attr-defined]

    @property
    def due(self) -> Due | None:
        complaint = self.response.complaint
        return due_of(complaint) if complaint and complaint.is_open else None

    @property
    def said(self) -> list[tuple[str, str]]:
        """(question, answer) of all that is neither the score nor the comment."""
        return [(_ask(one), _said(one)) for one in self.response.others]  # type: ignore[attr-defined]


def dressed(found: Iterable[Response], user: Any) -> list[AnswerRow]:
    rows = list(found)
    quiet = QuietWeeks.of({one.survey_id for one in rows if one.nameless})
    may_name = user.may("comments.see_author")
    return [AnswerRow(one, may_name, not quiet.holds(one)) for one in rows]


def shown(rows: QuerySet[Response]) -> QuerySet[Response]:
    about = ResponseTopic.objects.filter(HOLDS, topic__archived_at=None).select_related("topic").order_by("topic__name")
    others = Answer.objects.select_related("question__version").order_by("question__position")
    rows = rows.select_related("survey", "customer", "complaint__owner", "order", "assisted_by")
    return rows.prefetch_related(
        Prefetch("topics", about, to_attr="about"), Prefetch("answers", others, to_attr="others")
    )


def _ask(answer: Answer) -> str:
    return answer.question.said("ask", _language(answer))


def _language(answer: Answer) -> str:
    return answer.question.version.language_for((get_language() or "en")[:2])


def _said(answer: Answer) -> str:
    kind = answer.question.kind
    if kind in ("single", "multiple"):
        labels = dict(answer.question.choices_in(_language(answer)))
        return ", ".join(labels.get(number, str(number)) for number in answer.chosen)
    if kind == "yes_no":
        return _("yes") if answer.number else _("no")
    if kind == "date":
        return formats.day(answer.day) if answer.day else ""
    return answer.text if kind == "text" else str(answer.number)
