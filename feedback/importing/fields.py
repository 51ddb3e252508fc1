"""The columns of a file of answers, and how their cells are read."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.imports import values
from crm.imports.cells import key, numbers_if_any, texts
from crm.imports.columns import Mapping
from crm.imports.customers.fields import FIELDS as CUSTOMER_FIELDS
from crm.imports.customers.fields import MARKS, NORMALISED
from crm.imports.kinds import Cells, Field, Read, Staged
from crm.imports.reasons import Rejected

FIELDS = {name: CUSTOMER_FIELDS[name] for name in MARKS.values()} | {
    "survey": Field(_("Survey"), ("surveyname", "surveyid", "questionnaire", "form")),
    "answer": Field(_("Number of the answer"), ("answerid", "responseid", "response", "submissionid", "id")),
    "score": Field(_("Score"), ("nps", "csat", "ces", "rating", "npsscore", "value")),
    "comment": Field(_("Comment"), ("text", "feedback", "reason", "verbatim", "message", "why")),
    "at": Field(_("Answered on"), ("date", "datetime", "timestamp", "answeredat", "submittedat", "createdat", "time")),
    "language": Field(_("Language"), ("lang", "locale")),
    "order": Field(_("Order number"), ("orderid", "ordernumber", "orderno", "reference")),
}
NEEDED = (("score", "comment"), ("at",))
LONGEST = 4000
HIGHEST = 10
CODES = [code for code, _name in settings.LANGUAGES]


def staging(mapping: Mapping) -> str:
    marks = [f"{mark} text, {mark}_is text" for mark in MARKS]
    own = "survey text, answer text, score smallint, comment text, at timestamptz, language text, reference text"
    return ", ".join(["line bigint", *marks, own])


def staged(mapping: Mapping, today: date) -> Iterable[Staged]:
    for mark, field in MARKS.items():
        yield Staged(field, mark, texts(254))
        yield Staged(field, f"{mark}_is", NORMALISED[mark]())
    yield Staged("survey", "survey", texts(120))
    yield Staged("answer", "answer", texts(120, key))
    yield Staged("score", "score", _scores(values.Numbers(mapping.decimal)))
    yield Staged("comment", "comment", texts(LONGEST))
    yield Staged("at", "at", values.Moments(mapping.dates, today).column)
    yield Staged("language", "language", _languages)
    yield Staged("order", "reference", texts(64, key))


def left_out(mapping: Mapping, rows: Sequence[list[str]]) -> list[str]:
    """Nothing is: an answer of somebody unknown counts too."""
    return [""] * len(rows)


def _scores(numbers: values.Numbers) -> Read:
    read_numbers = numbers_if_any(numbers)

    def read(cells: Cells) -> list[str]:
        return [_whole(text) for text in read_numbers(cells)]

    return read


def _whole(text: str) -> str:
    whole, _dot, part = text.partition(".")
    if part.strip("0") or (whole and not 0 <= int(whole) <= HIGHEST):
        raise Rejected("score")
    return whole


def _languages(cells: Cells) -> list[str]:
    """en, en-GB, EN."""
    codes = [cell.strip().lower()[:2] for cell in cells]
    if any(code and code not in CODES for code in codes):
        raise Rejected("language")
    return codes
