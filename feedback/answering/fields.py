"""The questions of a form: how each is drawn, and how what was typed is read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.models import Question
from feedback.surveys.kinds import Band, band
from shop.typed import number_in

LONGEST = 4000
PREFIX = "q_"
Kind = Question.Kind
WRITTEN = (Kind.COMMENT, Kind.TEXT, Kind.DATE)


class Wrong(Exception):
    """The sentence for whoever typed it."""


@dataclass
class Field:
    """One question in one language, with what was typed and what is wrong with it."""

    question: Question
    survey_kind: str
    language: str
    typed: Any = None
    error: str = ""
    asks: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        bands = {one: self.said(f"ask_{one}") for one in Band.values} if self.question.kind == Kind.COMMENT else {}
        self.asks = {one: text for one, text in bands.items() if text}

    def said(self, name: str) -> str:
        return self.question.said(name, self.language)

    @property
    def name(self) -> str:
        return PREFIX + self.question.name

    @property
    def template(self) -> str:
        return f"feedback/answering/_{self.question.kind}.html"

    @property
    def ask(self) -> str:
        return self.said("ask")

    @property
    def described_by(self) -> str:
        hint, error = self.said("hint") and f"{self.name}-hint", self.error and f"{self.name}-error"
        return " ".join(filter(None, [error, hint]))

    @property
    def hint(self) -> str:
        return self.said("hint")

    @property
    def ends(self) -> tuple[str, str]:
        return self.said("low_end"), self.said("high_end")

    @property
    def has_ends(self) -> bool:
        return any(self.ends)

    @property
    def steps(self) -> list[tuple[int, str, bool, str]]:
        """(number, its part of the scale, chosen, words at the ends)."""
        low, high = self.ends
        words = {self.question.lowest: low, self.question.highest: high}
        return [
            (number, band(self.survey_kind, number) or "", self.typed == number, words.get(number, ""))
            for number in self.question.steps
        ]

    @property
    def choices(self) -> list[tuple[int, str, bool]]:
        chosen = self.typed or []
        return [(number, text, number in chosen) for number, text in self.question.choices_in(self.language)]

    @property
    def yes_no(self) -> list[tuple[int, str, bool]]:
        return [(1, _("Yes"), self.typed == 1), (0, _("No"), self.typed == 0)]


def fields_of(version: Any, questions: Iterable[Question], language: str, values: Mapping[str, Any]) -> list[Field]:
    kind = version.survey.kind
    return [Field(one, kind, language, typed=values.get(one.name)) for one in questions]


def score_of(fields: Iterable[Field]) -> Field | None:
    return next((one for one in fields if one.question.kind == Kind.SCORE), None)


def take(fields: list[Field], data: Any) -> dict[str, Any]:
    """What was typed into each field, right or wrong, and the values of those that were asked: {name: value}."""
    values: dict[str, Any] = {}
    for one in fields:
        try:
            one.typed = READ[one.question.kind](one, data)
        except Wrong as error:
            one.error = str(error)
            one.typed = data.get(one.name, "")[: LONGEST * 2] if one.question.kind in WRITTEN else None
    score = score_of(fields)
    chosen = band(score.survey_kind, score.typed) if score and not score.error else None
    for one in fields:
        if one.question.branch and one.question.branch != chosen:
            one.error = ""
        elif _is_empty(one.typed):
            one.error = one.error or (_needed(one) if one.question.required else "")
        elif not one.error:
            values[one.question.name] = one.typed
    if not values and not any(one.error for one in fields) and fields:
        fields[0].error = _("Please answer at least one question.")
    return values


def _is_empty(typed: Any) -> bool:
    return typed is None or typed == "" or typed == []


def _needed(one: Field) -> str:
    if one.question.kind in (Kind.SCORE, Kind.SCALE):
        return _("Please choose a number.")
    return _("Please answer this one.")


def number(data: Any, name: str) -> int | None:
    typed = data.get(name, "")
    return None if typed == "" else _number(typed)


def _number(typed: str) -> int:
    found = number_in(typed, digits=4)
    if found is None:
        raise Wrong(_("Please choose one of these."))
    return found


def _step(one: Field, data: Any) -> int | None:
    chosen = number(data, one.name)
    if chosen is not None and chosen not in one.question.steps:
        raise Wrong(_("Please choose a number."))
    return chosen


def _single(one: Field, data: Any) -> list[int]:
    chosen = number(data, one.name)
    return _known(one, [] if chosen is None else [chosen])


def _multiple(one: Field, data: Any) -> list[int]:
    return _known(one, sorted({_number(typed) for typed in data.getlist(one.name)}))


def _known(one: Field, chosen: list[int]) -> list[int]:
    if not set(chosen) <= set(one.question.choices):
        raise Wrong(_("Please choose one of these."))
    return chosen


def _yes_no(one: Field, data: Any) -> int | None:
    chosen = number(data, one.name)
    if chosen not in (None, 0, 1):
        raise Wrong(_("Please choose one of these."))
    return chosen


def _text(one: Field, data: Any) -> str:
    typed = readable(data.get(one.name, ""))
    if len(typed) > LONGEST:
        over = len(typed) - LONGEST
        raise Wrong(ngettext("%d character too long.", "%d characters too long.", over) % over)
    return typed


def readable(text: str) -> str:
    """What the database can keep: browsers send half characters and zeros when they are cut."""
    return text.replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "ignore").decode().strip()


def _day(one: Field, data: Any) -> str:
    typed = data.get(one.name, "").strip()
    if not typed:
        return ""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Wrong(_("Please write the day like this: %s.") % timezone.localdate().isoformat()) from None
    return day.isoformat()


READ: dict[str, Callable[[Field, Any], Any]] = {
    Kind.SCORE: _step,
    Kind.SCALE: _step,
    Kind.COMMENT: _text,
    Kind.TEXT: _text,
    Kind.SINGLE: _single,
    Kind.MULTIPLE: _multiple,
    Kind.YES_NO: _yes_no,
    Kind.DATE: _day,
}
