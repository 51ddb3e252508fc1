"""From one total to another: what was added and what was taken away, each step from where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shop import formats
from shop.charts.base import Chart, Column, Row
from shop.charts.marks import mark, rule, svg, words
from shop.charts.scale import Scale, fitted

TOP, BOTTOM = 34, 220
LETTER, LOWER = 7, 15


@dataclass(frozen=True)
class Step:
    """A total stands on zero; another step is added to what is there, or with less than nothing taken from it.

    kind is compare, high, middle or low. `short`: the label where there is little room.
    """

    label: str
    value: int
    total: bool = False
    kind: str = "compare"
    href: str = ""
    short: str = ""


@dataclass(frozen=True)
class Waterfall(Chart):
    title: str
    note: str
    steps: Sequence[Step]
    opens: str = ""
    csv: str = ""

    template = "charts/line.html"

    def levels(self) -> list[tuple[int, int]]:
        """From where to where each step goes."""
        found, at = [], 0
        for step in self.steps:
            begin, at = (0, step.value) if step.total else (at, at + step.value)
            found.append((begin, at))
        return found

    @property
    def wide(self) -> SafeString:
        return mark_safe(self._drawn("chart__desk", 1080))

    @property
    def phone(self) -> SafeString:
        return mark_safe(self._drawn("chart__phone", 358))

    def _drawn(self, css: str, width: int) -> str:
        levels = self.levels()
        y = fitted([float(end) for pair in levels for end in pair], BOTTOM, TOP, from_zero=True)
        left = 12 + 7 * max(len(formats.number(tick)) for tick in y.ticks or (0,))
        wide = (width - left - 4) / max(len(self.steps), 1)
        two = any(LETTER * len(self.label(step, wide)) > wide for step in self.steps)  # rows of labels
        marks = []
        for tick in y.ticks:
            marks.append(rule(left, y(tick), width - 4, y(tick), "grid" if tick else "base"))
            marks.append(words(left - 6, y(tick) + 4, formats.number(tick), anchor="end"))
        for i, (step, pair) in enumerate(zip(self.steps, levels, strict=True)):
            marks.append(self._step(step, pair, left + wide * i, wide, y, LOWER if two and i % 2 else 0))
            if i:
                before = levels[i - 1][1]
                reach = left + wide * i
                marks.append(rule(reach - wide * 0.2, y(before), reach + wide * 0.2, y(before), "hair"))
        return svg(css, width, BOTTOM + 22 + (LOWER if two else 0), self.title, marks)

    @staticmethod
    def label(step: Step, wide: float) -> str:
        return step.short if step.short and wide < LETTER * len(step.label) else step.label

    def _step(self, step: Step, level: tuple[int, int], start: float, wide: float, y: Scale, lower: int) -> str:
        x, width = start + wide / 2, min(120.0, wide * 0.6)
        top, foot = y(max(level)), y(min(level))
        said = self.say(step)
        inside = [
            mark("rect", css="hit", x=start, y=20.0, width=wide, height=BOTTOM - 20.0),
            mark("rect", css=f"bar bar--{step.kind}", x=x - width / 2, y=top, width=width,
                 height=max(foot - top, 1.0), rx=1.5),
            words(x, top - 5, said, css="value", anchor="middle"),
            words(x, BOTTOM + 18 + lower, self.label(step, wide), anchor="middle"),
        ]  # fmt: skip
        read = f"{step.label}: {said}"
        if step.href:
            return mark("a", *inside, css="column", href=step.href, label=f"{read}. {self.opens}".rstrip())
        return mark("g", *inside, css="column", tabindex="0", role="img", label=read)

    @staticmethod
    def say(step: Step) -> str:
        return formats.number(step.value) if step.total else formats.signed(step.value)

    @property
    def columns(self) -> list[Column]:
        return [Column(_("Step"), "text"), Column(_("Customers"), "number"), Column(_("Then active"), "number")]

    def rows(self) -> list[Row]:
        pairs = zip(self.steps, self.levels(), strict=True)
        return [Row([step.label, step.value, end]) for step, (_begin, end) in pairs]
