"""The table of the list: which columns, how they are headed and sorted, and what stands in a cell."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join

from crm.facets import Facet
from crm.segments.question import Question
from shop import formats
from shop.templatetags.shop import NOTHING, money, number, when

# What people want to see first when they sort by it: much money and late dates, but names from A.
FIRST_DOWN = ("number", "money", "date")


class Cell(NamedTuple):
    classes: str
    label: Any
    html: Any


class Column:
    """One facet as a column; its choices are asked for once a page."""

    def __init__(self, facet: Facet, question: Question) -> None:
        self.facet, self.question = facet, question
        figure = "list__figure " if facet.is_figure else ""
        self.drawn = DRAWN[facet.shown_as or facet.kind]
        self.classes = f"{figure}list__{facet.on_phone}" + (" nowrap" if facet.kind == "date" else "")
        self.head_classes = figure.strip()
        self.phone_label = facet.label if facet.on_phone == "left" else ""

    @cached_property
    def labels(self) -> dict[Any, Any]:
        return self.question.options(self.facet.name)

    @property
    def sorted(self) -> str:
        if self.question.sort_name.removeprefix("-") != self.facet.name:
            return ""
        return "descending" if self.question.descending else "ascending"

    @property
    def address(self) -> str:
        """Of the list sorted by this column; once more turns it round."""
        if not self.facet.sortable:
            return ""
        down = self.sorted == "ascending" if self.sorted else self.facet.kind in FIRST_DOWN
        return self.question.address(sort=("-" if down else "") + self.facet.name)

    def cell(self, value: Any) -> Cell:
        html = NOTHING if value is None or value in ("", []) else self.drawn(self, value)
        return Cell(self.classes, self.phone_label, html)

    def choice(self, value: Any) -> Any:
        if isinstance(value, list):
            tags = format_html_join("", '<span class="tag">{}</span>', ((self.labels.get(str(v), v),) for v in value))
            return format_html('<span class="row">{}</span>', tags)
        word = self.labels.get(str(value), value)
        tone = self.facet.tones.get(str(value))
        if tone is None:
            return word
        return format_html('<span class="row nowrap"><span class="dot dot--{}"></span>{}</span>', tone, word)


DRAWN: dict[str, Callable[[Column, Any], Any]] = {
    "text": lambda column, value: value,
    "number": lambda column, value: number(value),
    "money": lambda column, value: money(value),
    "date": lambda column, value: when(value),
    "choice": Column.choice,
    "birthday": lambda column, value: formats.day(value, year=False),
    "yes_no": lambda column, value: column.labels["yes" if value else "no"],
}


class Row(NamedTuple):
    customer: Any
    number: str
    cells: list[Cell]

    @classmethod
    def of(cls, customer: Any, columns: list[Column]) -> "Row":
        own = customer.numbers[0].value if customer.numbers else ""
        return cls(customer, own, [column.cell(getattr(customer, f"facet_{column.facet.name}")) for column in columns])
