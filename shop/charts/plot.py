"""Drawing one line chart into one frame: the wide one, or that of a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shop.charts.base import bare, tick_words, written
from shop.charts.lines import LineFigures, Point
from shop.charts.marks import dots, mark, rule, svg, words
from shop.charts.scale import Scale, every, fitted, spread

TOP, BOTTOM, STRIP, BASE = 44, 270, 314, 366
LABEL = 6.6  # a letter under the axis
CROWDED = 8  # dots nearer than this touch
LETTER = 9  # of a name at the end of a line: bold, and Cyrillic is wide


class Sheet(NamedTuple):
    css: str
    width: int
    ends: bool  # names at the ends of the lines, or beside them


WIDE = Sheet("chart__desk", 1080, True)
PHONE = Sheet("chart__phone", 358, False)


@dataclass(frozen=True)
class Frame:
    """Where the plot stands on its sheet, and its vertical scale."""

    sheet: Sheet
    left: float
    right: float
    y: Scale

    @classmethod
    def of(cls, chart: LineFigures, sheet: Sheet) -> "Frame":
        values = [v for p in chart.points for v in (p.value, p.low, p.high) if v is not None]
        values += [v for line in chart.compare for v in line.values if v is not None]
        if chart.limit is not None and values and max(values) > chart.limit - (max(values) - min(values)) / 4:
            values.append(chart.limit)
        y = fitted(values, BOTTOM, TOP, from_zero=chart.from_zero)
        left = 12 + 7 * max(len(tick_words(chart.unit, tick, y.ticks)) for tick in y.ticks or (0,))
        right = sheet.width - 10
        if sheet.ends:
            ends = [(chart.name, [point.value for point in chart.points])]
            ends += [(line.name, list(line.values)) for line in chart.compare]
            names = [f"{name} {chart.say(last(values))}" for name, values in ends]
            right = sheet.width - 22 - LETTER * max(len(name) for name in (*names, chart.end_note))
        return cls(sheet, left, right, y)


def last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


class Plot:
    """`since` is the first period drawn: a phone shows the last thirteen, the table below it all."""

    def __init__(self, chart: LineFigures, frame: Frame, since: int) -> None:
        self.chart, self.frame, self.y, self.since = chart, frame, frame.y, since
        self.wide = frame.sheet.ends
        self.points = list(chart.points[since:])
        self.lines = [(line.kind, line.name, list(line.values[since:])) for line in chart.compare]
        count = max(len(self.points) - 1, 1)
        inset = 8 if len(self.points) > 1 else (frame.right - frame.left) / 2
        self.step = (frame.right - frame.left - inset) / count
        self.xs = [frame.left + inset + i * self.step for i in range(len(self.points))]
        self.base = BASE if chart.strip else BOTTOM

    def drawn(self) -> str:
        below = 14 if any(point.below for point in self.points) else 0
        height = self.base + 20 + below
        marks = [*self.axis(), *self.band()]
        for kind, _name, values in self.lines:
            marks += self.line(values, kind)
        marks += self.line([point.value for point in self.points], "")
        marks += [*self.said(), *self.names(), *self.strip(), *self.labels(), *self.columns()]
        return svg(self.frame.sheet.css, self.frame.sheet.width, height, self.chart.title, marks)

    def axis(self) -> list[str]:
        left, right = self.frame.left, self.frame.right
        marks = []
        for tick in self.y.ticks:
            at = self.y(tick)
            css = "limit" if tick == self.chart.limit else "base" if tick == 0 else "grid"
            marks.append(rule(left, at, right, at, css))
            marks.append(words(left - 6, at + 4, tick_words(self.chart.unit, tick, self.y.ticks), anchor="end"))
        return marks

    def band(self) -> list[str]:
        """The interval: filled where it is final, dotted edges where the period is still open."""
        marks: list[str] = []
        run: list[int] = []
        for i, point in enumerate(self.points):
            if point.low is None or point.high is None:
                marks += self._filled(run)
                run = []
                continue
            if point.open and i and self.points[i - 1].low is not None:
                marks.append(self._dotted(i))
            if not point.open:
                run.append(i)
        return marks + self._filled(run)

    def _filled(self, run: list[int]) -> list[str]:
        if len(run) == 1:
            point, x = self.points[run[0]], self.xs[run[0]]
            tall = self.y(point.low or 0) - self.y(point.high or 0)
            return [mark("rect", css="band", x=x - 5, y=self.y(point.high or 0), width=10, height=tall, rx=2)]
        if not run:
            return []
        upper = [(self.xs[i], self.y(self.points[i].high or 0)) for i in run]
        under = [(self.xs[i], self.y(self.points[i].low or 0)) for i in reversed(run)]
        return [mark("polygon", css="band", points=dots(upper + under))]

    def _dotted(self, i: int) -> str:
        ends = [
            f"M{self.xs[i - 1]:.1f} {self.y(a or 0):.1f}L{self.xs[i]:.1f} {self.y(b or 0):.1f}"
            for a, b in (
                (self.points[i - 1].high, self.points[i].high),
                (self.points[i - 1].low, self.points[i].low),
            )
        ]
        return mark("path", css="band--open", d="".join(ends))

    def line(self, values: list[float | None], kind: str) -> list[str]:
        css = f"line line--{kind}" if kind else "line"
        marks: list[str] = []
        run: list[tuple[float, float]] = []
        for i, value in enumerate(values):
            before = values[i - 1] if i else None
            if value is not None and before is not None and self.points[i].open:
                marks.append(rule(self.xs[i - 1], self.y(before), self.xs[i], self.y(value), f"{css} line--open"))
            if value is None or self.points[i].open:
                marks += self._stroke(run, css)
                run = []
            else:
                run.append((self.xs[i], self.y(value)))
        return marks + self._stroke(run, css) + self._dots(values, kind)

    @staticmethod
    def _stroke(run: list[tuple[float, float]], css: str) -> list[str]:
        return [mark("polyline", css=css, points=dots(run))] if len(run) > 1 else []

    def _dots(self, values: list[float | None], kind: str) -> list[str]:
        radius = 3.5 if self.step > 22 else 2.5
        return [
            mark("circle", css=self._dot_css(self.points[i], kind), cx=self.xs[i], cy=self.y(value), r=radius)
            for i, value in enumerate(values)
            if value is not None and self._has_dot(i)
        ]

    def _has_dot(self, i: int) -> bool:
        """So many that they touch would make a whole line look like an open one: only what differs keeps its dot."""
        point = self.points[i]
        return self.step >= CROWDED or point.open or self._is_few(point) or i == len(self.points) - 1

    def _is_few(self, point: Point) -> bool:
        return point.n is not None and point.n < self.chart.enough

    def _dot_css(self, point: Point, kind: str) -> str:
        few = self._is_few(point)
        names = ("dot-mark", kind and f"dot-mark--{kind}", few and "dot-mark--few", point.open and "dot-mark--open")
        return " ".join(name for name in names if name)

    def _series(self) -> list[tuple[str, str, list[float | None]]]:
        return [*self.lines, ("", self.chart.name, [point.value for point in self.points])]

    def names(self) -> list[str]:
        return self.names_at_ends() if self.wide else self.names_beside()

    def names_at_ends(self) -> list[str]:
        ends = []
        for kind, name, values in self._series():
            i = max((i for i, value in enumerate(values) if value is not None), default=None)
            if i is not None:
                note = self.chart.end_note if not kind else ""
                ends.append((self.y(values[i] or 0), kind, f"{name} {self.chart.say(values[i])}", note))
        if not ends:
            return []
        ends.sort(key=lambda end: end[0])
        places = spread([end[0] - 8 for end in ends], [32.0 if end[3] else 17.0 for end in ends], TOP - 20, BOTTOM + 20)
        marks, x = [], self.xs[-1] + 12
        for place, (_at, kind, said, note) in zip(places, ends, strict=True):
            marks.append(words(x, place + 12, said, css=f"end end--{kind}" if kind else "end"))
            if note:
                marks.append(words(x, place + 28, note, css="end-sub"))
        return marks

    def names_beside(self) -> list[str]:
        """Each name where its line has room: above the upper line, below the lower."""
        series, marks = self._series(), []
        if len(series) == 1:
            return []  # the title names the only line
        remarked = self.chart.remark.index if self.chart.remark else None
        for kind, name, values in series:
            others = [other for _kind, other_name, other in series if other_name != name]
            free = [i for i, value in enumerate(values) if value is not None and i + self.since != remarked]
            spots = [(self._room(i, values, others), i) for i in free]
            if not spots:
                continue
            i = max(spots)[1]
            above = self._is_above(i, values, others)
            point = self.points[i]
            edge = (point.high if above else point.low) if not kind else None
            y = self.y((values[i] or 0) if edge is None else edge) + (-8 if above else 17)
            half = LETTER / 2 * len(name)
            x = min(max(self.xs[i], self.frame.left + half), self.frame.sheet.width - half)
            marks.append(words(x, y, name, css=f"end end--{kind}" if kind else "end", anchor="middle"))
        return marks

    @staticmethod
    def _is_above(i: int, values: list[float | None], others: list[list[float | None]]) -> bool:
        return all((values[i] or 0) >= (other[i] or 0) for other in others if other[i] is not None)

    def _room(self, i: int, values: list[float | None], others: list[list[float | None]]) -> float:
        """Far from the other lines, and not on a slope of its own that would run through the name."""
        here = values[i] or 0
        gap = min((abs(here - (other[i] or 0)) for other in others if other[i] is not None), default=0.0)
        beside = [value for value in (*values[max(i - 1, 0) : i], *values[i + 1 : i + 2]) if value is not None]
        steep = [value - here if self._is_above(i, values, others) else here - value for value in beside]
        return gap - 5 * max(0.0, *steep, 0.0)

    def said(self) -> list[str]:
        """The remark, above its point and on the side where there is room."""
        remark = self.chart.remark
        if remark is None or remark.index < self.since:
            return []
        i = remark.index - self.since
        values = self.lines[0][2] if self.lines else [point.value for point in self.points]
        if values[i] is None:
            return []
        late = i >= len(self.points) / 2
        text = remark.text if self.wide else remark.short or remark.text
        y = self.y(values[i] or 0) - 10
        if late and self.xs[i] - 10 - LABEL * len(text) < self.frame.left:  # not over the words of the axis
            return [words(self.frame.left + 2, y, text, css="value unread")]
        return [words(self.xs[i] + (-10 if late else 10), y, text, css="value unread", anchor="end" if late else "")]

    def strip(self) -> list[str]:
        strip = self.chart.strip
        if strip is None:
            return []
        values = strip.values[self.since :]
        most = max((value for value in values if value), default=1.0)
        width = min(32.0, self.step * 0.58)
        skip = every(["99.9"], self.step)
        marks = [words(self.frame.left if self.wide else 0, STRIP, strip.title, css="value")]
        marks.append(rule(self.frame.left, BASE, self.frame.right + 16, BASE, "base"))
        for i, value in enumerate(values):
            if value is None:
                continue
            tall = 30.0 * max(value, 0) / most
            css = "bar--open" if self.points[i].open else "bar bar--compare"
            marks.append(
                mark("rect", css=css, x=self.xs[i] - width / 2, y=BASE - tall, width=width, height=tall, rx=1.5)
            )
            if (len(values) - 1 - i) % skip == 0:
                said = bare(written(value, strip.unit, strip.digits))
                marks.append(words(self.xs[i], BASE - tall - 4, said, css="value", anchor="middle"))
        return marks

    def labels(self) -> list[str]:
        skip = self._skip()
        marks = []
        for i, (x, point) in enumerate(zip(self.xs, self.points, strict=True)):
            if (len(self.points) - 1 - i) % skip == 0:
                outside = x + LETTER / 2 * len(point.label) > self.frame.sheet.width
                at, anchor = (float(self.frame.sheet.width), "end") if outside else (x, "middle")
                marks.append(words(at, self.base + 18, point.label, anchor=anchor))
            if point.below:
                outer = not self.wide and i == len(self.points) - 1
                marks.append(
                    words(356 if outer else x, self.base + 32, point.below, anchor="end" if outer else "middle")
                )
        return marks

    def _skip(self) -> int:
        """Every how manieth label is written: the last one may have to move in, towards the one before it."""
        labels = [point.label for point in self.points]
        skip, wide = every(labels, self.step), LABEL * max(map(len, labels), default=0)
        moved = max(self.xs[-1] + wide / 2 - self.frame.sheet.width, 0) if self.xs else 0
        return skip + 1 if moved and skip * self.step < wide + moved + 4 else skip

    def columns(self) -> list[str]:
        """One link over each period: focus and hover read it out in the top line."""
        return [self._column(i, point) for i, point in enumerate(self.points)]

    def _column(self, i: int, point: Point) -> str:
        x, half = self.xs[i], self.step / 2
        start, end = max(x - half, 0), min(x + half, self.frame.sheet.width)
        said = self.chart.read(self.since + i, short=not self.wide)
        inside = (
            mark("rect", css="hit", x=start, y=26.0, width=end - start, height=self.base - 26.0),
            rule(x, 28, x, STRIP - 14 if self.chart.strip else BOTTOM, "rule"),
            words(self.frame.left if self.wide else 0, 14, said, css="read"),
        )
        if point.href:
            return mark("a", *inside, css="column", href=point.href, label=f"{said}. {self.chart.opens}".rstrip())
        return mark("g", *inside, css="column", tabindex="0", role="img", label=said)
