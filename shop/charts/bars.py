"""Bars from zero, one per period or group."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shop.charts.base import Chart, Column, Row, bare, tick_words, written
from shop.charts.marks import mark, rule, svg, words
from shop.charts.scale import Scale, every, fitted

TOP, BOTTOM = 34, 210


@dataclass(frozen=True)
class Bar:
    """kind is compare, high, middle or low; `low` and `high` are the value's interval."""

    label: str
    value: float | None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    href: str = ""
    open: bool = False
    kind: str = ""
    long: str = ""


@dataclass(frozen=True)
class BarChart(Chart):
    """The title says the finding; `name` what a bar is; under `enough` a bar is grey."""

    title: str
    note: str
    name: str
    bars: Sequence[Bar]
    unit: str = "number"
    digits: int = 0
    opens: str = ""
    first_column: str = ""
    interval: str = "95%"
    enough: int = 30
    csv: str = ""

    template = "charts/line.html"

    def say(self, value: float | None) -> str:
        return "–" if value is None else written(value, self.unit, self.digits)

    def read(self, bar: Bar) -> str:
        text = f"{bar.long or bar.label}: {self.say(bar.value)}"
        if bar.low is not None and bar.high is not None:
            text += f" ({bare(self.say(bar.low))}–{bare(self.say(bar.high))})"
        if bar.n is not None:
            text += f" · n {written(bar.n, 'number')}"
            text += f" · {_('too few to tell')}" if bar.n < self.enough else ""
        return text + (f" · {_('still open')}" if bar.open else "")

    @property
    def wide(self) -> SafeString:
        return mark_safe(self._drawn("chart__desk", 1080))

    @property
    def phone(self) -> SafeString:
        return mark_safe(self._drawn("chart__phone", 358))

    def _drawn(self, css: str, width: int) -> str:
        heights = [v for bar in self.bars for v in (bar.value, bar.high) if v is not None]
        y = fitted(heights, BOTTOM, TOP, from_zero=True)
        said = {tick: tick_words(self.unit, tick, y.ticks) for tick in y.ticks}
        left = 12 + 7 * max(map(len, said.values()))
        step = (width - left - 4) / max(len(self.bars), 1)
        marks = []
        for tick in y.ticks:
            marks.append(rule(left, y(tick), width - 4, y(tick), "grid" if tick else "base"))
            marks.append(words(left - 6, y(tick) + 4, said[tick], anchor="end"))
        skip = every([bar.label for bar in self.bars], step)
        for i, bar in enumerate(self.bars):
            marks.append(self._column(bar, left + step * i, step, y, named=i % skip == 0))
        return svg(css, width, BOTTOM + 22, self.title, marks)

    def _column(self, bar: Bar, start: float, step: float, y: Scale, *, named: bool) -> str:
        x, wide = start + step / 2, min(48.0, step * 0.62)
        inside = [mark("rect", css="hit", x=start, y=20.0, width=step, height=BOTTOM - 20.0)]
        if bar.value is not None:
            top = y(max(bar.value, 0))
            css = self._css(bar)
            inside.append(mark("rect", css=css, x=x - wide / 2, y=top, width=wide, height=BOTTOM - top, rx=1.5))
            inside += self._interval(bar, x, y)
            if step > 7 * len(self.say(bar.value)):
                inside.append(
                    words(x, min(top, y(bar.high or 0)) - 5, self.say(bar.value), css="value", anchor="middle")
                )
        if named:
            inside.append(words(x, BOTTOM + 18, bar.label, anchor="middle"))
        inside.append(words(0, 12, self.read(bar), css="read"))
        if bar.href:
            return mark("a", *inside, css="column", href=bar.href, label=f"{self.read(bar)}. {self.opens}".rstrip())
        return mark("g", *inside, css="column", tabindex="0", role="img", label=self.read(bar))

    def _css(self, bar: Bar) -> str:
        if bar.open:
            return "bar--open"
        few = bar.n is not None and bar.n < self.enough
        return f"bar bar--{'few' if few else bar.kind}" if few or bar.kind else "bar"

    @staticmethod
    def _interval(bar: Bar, x: float, y: Scale) -> list[str]:
        if bar.low is None or bar.high is None:
            return []
        return [rule(x, y(bar.low), x, y(bar.high), "hair")]

    @property
    def columns(self) -> list[Column]:
        shares = self.unit, self.digits
        columns = [Column(self.first_column or _("Period"), "text"), Column(self.name, *shares)]
        if any(bar.low is not None for bar in self.bars):
            columns += [Column(f"{self.interval} {pgettext('range', 'from')}", *shares)]
            columns.append(Column(pgettext("range", "to"), *shares))
        return columns + ([Column("n")] if any(bar.n is not None for bar in self.bars) else [])

    def rows(self) -> list[Row]:
        rows = []
        for bar in self.bars:
            values = [bar.long or bar.label, bar.value]
            values += [bar.low, bar.high] if any(b.low is not None for b in self.bars) else []
            values += [bar.n] if any(b.n is not None for b in self.bars) else []
            rows.append(Row(values, bar.open))
        return rows
