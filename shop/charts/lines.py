"""What a line chart says: periods with their intervals, other lines to compare, a strip of bars below."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shop.charts.base import Chart, Column, Row, bare, written


@dataclass(frozen=True)
class Point:
    """One period. `label` stands under the axis, `long` is read out, `below` is a second line under the label."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    href: str = ""
    open: bool = False
    long: str = ""
    below: str = ""
    figures: Sequence[Any] = ()


@dataclass(frozen=True)
class Line:
    """Another line over the same periods; kind is compare or past."""

    name: str
    values: Sequence[float | None]
    kind: str = "compare"


@dataclass(frozen=True)
class Strip:
    """Bars below the lines, one per period, from zero."""

    title: str
    values: Sequence[float | None]
    name: str = ""
    unit: str = "percent"
    digits: int = 1


@dataclass(frozen=True)
class Remark:
    """One sentence at one point of the first other line (or of the main one)."""

    index: int
    text: str
    short: str = ""


@dataclass(frozen=True)
class LineFigures(Chart):
    """The title says the finding, the note what is drawn.

    `name` is the main line's; `unit` is percent, number, points or money; `limit` a dotted line (1.0 for 100%);
    `end_note` stands under the last label ("to 9 Dec, still open"); `opens` says what a column's link opens;
    `extra` are the columns for the points' own `figures`; under `enough` a point is grey.
    """

    title: str
    note: str
    name: str
    points: Sequence[Point]
    compare: Sequence[Line] = ()
    strip: Strip | None = None
    remark: Remark | None = None
    unit: str = "percent"
    digits: int = 1
    limit: float | None = None
    from_zero: bool = False
    end_note: str = ""
    opens: str = ""
    interval: str = "95%"
    first_column: str = ""
    extra: Sequence[Column] = field(default_factory=tuple)
    enough: int = 30
    csv: str = ""

    def say(self, value: float | None) -> str:
        return "–" if value is None else written(value, self.unit, self.digits)

    def read(self, i: int, *, short: bool = False) -> str:
        """One period in words: Nov: strict 90.7% (89.5–91.8) · classic 102.3% · n 2,461."""
        point = self.points[i]
        parts = [f"{lower(self.name)} {self.say(point.value)}{self._range(point)}"]
        parts += [f"{lower(line.name)} {self.say(line.values[i])}" for line in self.compare]
        if point.n is not None and not short:
            parts.append(f"n {written(point.n, 'number')}")
        if point.n is not None and point.n < self.enough:
            parts.append(_("too few to tell"))
        if point.open:
            parts.append(_("still open"))
        return f"{point.label if short else point.long or point.label}: {' · '.join(parts)}"

    def _range(self, point: Point) -> str:
        if point.low is None or point.high is None:
            return ""
        low, high = bare(self.say(point.low)), bare(self.say(point.high))
        if self.unit == "points":  # a dash beside a minus cannot be read
            return f" ({_('%(low)s to %(high)s') % {'low': low, 'high': high}})"
        return f" ({low}–{high})"

    @property
    def columns(self) -> list[Column]:
        shares = self.unit, self.digits
        columns = [Column(self.first_column or _("Month"), "text"), *self.extra, Column(self.name, *shares)]
        if any(point.low is not None for point in self.points):
            columns += [Column(f"{self.interval} {pgettext('range', 'from')}", *shares)]
            columns.append(Column(pgettext("range", "to"), *shares))
        if any(point.n is not None for point in self.points):
            columns.append(Column("n"))
        columns += [Column(line.name, *shares) for line in self.compare]
        if self.strip:
            columns.append(Column(self.strip.name or self.strip.title, self.strip.unit, self.strip.digits))
        return columns

    def rows(self) -> list[Row]:
        ranged = any(point.low is not None for point in self.points)
        counted = any(point.n is not None for point in self.points)
        rows = []
        for i, point in enumerate(self.points):
            head = point.long or point.label
            if point.open:
                head = _("%(period)s, still open") % {"period": f"{head} {point.below}".rstrip()}
            values = [head, *point.figures, point.value]
            values += [point.low, point.high] if ranged else []
            values += [point.n] if counted else []
            values += [line.values[i] for line in self.compare]
            values += [self.strip.values[i]] if self.strip else []
            rows.append(Row(values, point.open))
        return rows


def lower(name: str) -> str:
    """A name inside a sentence; abbreviations keep their capitals."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
