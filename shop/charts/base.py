from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from shop import formats
from shop.currency import currency_in_force


@dataclass(frozen=True)
class Column:
    """One column of the table behind a chart; kind is text, number, percent, money, or points with their sign."""

    title: str
    kind: str = "number"
    digits: int = 0

    def write(self, value: Any) -> str:
        return "–" if value is None else written(value, self.kind, self.digits)


def written(value: Any, kind: str, digits: int = 0) -> str:
    """A value as a person reads it."""
    if kind == "percent":
        return formats.percent(value, digits)
    if kind == "money":
        return formats.money(value, currency_in_force(), whole=digits == 0)
    if kind == "points":
        return formats.signed(value, digits)
    return formats.number(value, digits) if kind == "number" else str(value)


def tick_words(unit: str, tick: float, ticks: Sequence[float]) -> str:
    """A value beside an axis: only as many decimals as the distance between two ticks asks for."""
    step = (ticks[1] - ticks[0] if len(ticks) > 1 else 1) * (100 if unit == "percent" else 1)
    digits = 0 if abs(step - round(step)) < 1e-6 else 1
    return written(tick, unit, digits if unit != "money" else 0)


def bare(share: str) -> str:
    """86.1% → 86.1, where the sign stands already beside it."""
    return share.rstrip("%\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} ")


@dataclass(frozen=True)
class Row:
    """One row of the table: the raw values in the order of the columns."""

    values: list[Any]
    open: bool = False


class Chart(ABC):
    """What all charts share: their template, and the table of the same figures."""

    template: ClassVar[str]

    def html(self) -> SafeString:
        with formats.one_language():
            return mark_safe(get_template(self.template).render({"chart": self}))

    @property
    @abstractmethod
    def columns(self) -> list[Column]: ...

    @abstractmethod
    def rows(self) -> list[Row]: ...

    @property
    def table(self) -> SafeString:
        """The rows as they are read, as the body of a table."""
        columns, written_rows = self.columns, []
        for row in self.rows():
            head, *cells = (escape(column.write(value)) for column, value in zip(columns, row.values, strict=True))
            css = ' class="open"' if row.open else ""
            figures = "".join(f"<td>{cell}</td>" for cell in cells)
            written_rows.append(f'<tr{css}><th scope="row">{head}</th>{figures}</tr>')
        return mark_safe("".join(written_rows))
