"""A heat map is a real table: cohorts down, periods across; steps are fixed, so that two months compare."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shop import formats
from shop.charts.base import Chart, Column, Row
from shop.charts.marks import mark

STEPS = (0.14, 0.18, 0.22, 0.26, 0.30, 0.35, 0.40)


@dataclass(frozen=True)
class Cell:
    """A share of a row's people; None leaves the place empty. `low` and `high` are its interval."""

    value: float | None
    k: int | None = None
    low: float | None = None
    high: float | None = None
    href: str = ""
    open: bool = False


@dataclass(frozen=True)
class HeatRow:
    label: str
    n: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class View:
    """Another way to look at the same table."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class HeatMap(Chart):
    """Open cells are hatched and stay out of `average`; rows under `enough` people are grey.

    `heads` name the columns; `column_words` says one in a sentence ("month %s"); `open_until` ends open cells' titles.
    `average` is the last row, None where nothing is complete.
    """

    title: str
    note: str
    heads: Sequence[str]
    cohorts: Sequence[HeatRow]
    average: Sequence[float | None] = ()
    first_head: str = ""
    column_words: str = ""
    open_until: str = ""
    steps: Sequence[float] = STEPS
    enough: int = 30
    views: Sequence[View] = ()
    csv: str = ""

    template = "charts/heat.html"

    @cached_property
    def _say(self) -> dict[str, str]:
        """The sentences of the cells' titles, looked up once."""
        return {
            "plain": _("%(row)s, %(column)s: %(share)s of %(n)s"),
            "counted": _("%(row)s, %(column)s: %(k)s of %(n)s, %(share)s"),
            "open": _("%(row)s, %(column)s: %(k)s of %(n)s so far."),
            "so far": _("so far"),
        }

    @property
    def body(self) -> SafeString:
        return mark_safe("".join(self._row(row) for row in self.cohorts))

    @property
    def foot(self) -> list[str]:
        return ["" if value is None else _whole(value) for value in self.average]

    @property
    def n_open(self) -> int:
        return sum(cell.open for row in self.cohorts for cell in row.cells)

    def _row(self, row: HeatRow) -> str:
        empty = "<td></td>" * (len(self.heads) - len(row.cells))
        cells = "".join(self._cell(row, i, cell) for i, cell in enumerate(row.cells))
        head = f'<th scope="row">{escape(row.label)}</th><td class="heat__n">{formats.number(row.n)}</td>'
        return f"<tr>{head}{cells}{empty}</tr>"

    def _cell(self, row: HeatRow, i: int, cell: Cell) -> str:
        if cell.value is None:
            return "<td></td>"
        css, title = self._css(row, cell), escape(self._title(row, i, cell))
        said = f"% {self._say['so far']}, {self.open_until}" if cell.open else "%"
        text = f'{_whole(cell.value)}<span class="visually-hidden">{escape(said)}</span>'
        if cell.href:
            return f'<td class="{css}"><a href="{escape(cell.href)}" title="{title}">{text}</a></td>'
        return f'<td class="{css}" title="{title}">{text}</td>'

    def _css(self, row: HeatRow, cell: Cell) -> str:
        if cell.open:
            return "heat-open"
        if row.n < self.enough:
            return "heat-small"
        return f"heat-{bisect_right(self.steps, cell.value or 0) + 1}"

    def _title(self, row: HeatRow, i: int, cell: Cell) -> str:
        """Dec 2025, month 1: 324 of 885, 36.6% (33.5–39.8)."""
        where = (self.column_words or "%s") % self.heads[i]
        names = {"row": row.label, "column": where, "n": formats.number(row.n)}
        names["share"] = formats.percent(cell.value or 0, 1)
        if cell.k is None:
            return self._say["plain"] % names
        names["k"] = formats.number(cell.k)
        if cell.open:
            so_far = self._say["open"] % names
            return f"{so_far} {_sentence(self.open_until)}".rstrip()
        text = self._say["counted"] % names
        if cell.low is not None and cell.high is not None:
            text += f" ({formats.number(cell.low * 100, 1)}–{formats.number(cell.high * 100, 1)})"
        return text

    @property
    def key(self) -> dict[str, str]:
        """What the colours mean."""
        squares = [
            mark("rect", css=f"k{i + 1}", x=13 * i, width=12, height=12, rx=2) for i in range(len(self.steps) + 1)
        ]
        wide = 13 * len(squares) - 1
        return {
            "steps": mark_safe(
                mark("svg", *squares, viewBox=f"0 0 {wide} 12", width=wide, height=12, aria_hidden="true")
            ),
            "words": _("under %(low)s to %(high)s and more")
            % {"low": formats.percent(self.steps[0]), "high": formats.percent(self.steps[-1])},
        }

    @property
    def columns(self) -> list[Column]:
        first = Column(self.first_head or _("First bought"), "text")
        return [first, Column("n"), *(Column(str(head), "percent", 1) for head in self.heads)]

    def rows(self) -> list[Row]:
        missing = len(self.heads)
        return [
            Row([row.label, row.n, *(c.value for c in row.cells), *[None] * (missing - len(row.cells))])
            for row in self.cohorts
        ]


def _whole(share: float) -> str:
    return formats.number(share * 100)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
