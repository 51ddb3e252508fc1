"""Bars that lie, one a row: for groups whose names are too long to stand under an axis."""

from dataclasses import dataclass

from shop.charts.bars import Bar, BarChart
from shop.charts.marks import mark, rule, svg, words
from shop.charts.scale import Scale

TOP, ROW, THICK = 26, 30, 16
LETTER, WIDE_LETTER = 7.2, 8.6  # of the wide drawing, which shrinks on a tablet while its letters do not


@dataclass(frozen=True)
class RowChart(BarChart):
    def _drawn(self, css: str, width: int) -> str:
        letter = WIDE_LETTER if width > 400 else LETTER
        left = 10 + letter * max((len(bar.label) for bar in self.bars), default=0)
        right = width - 10 - letter * max((len(self.say(bar.value)) for bar in self.bars), default=0)
        most = max((bar.value or 0 for bar in self.bars), default=0) or 1
        x, height = Scale(0, most, left, right), TOP + ROW * len(self.bars) + 4
        marks = [self._row(bar, TOP + ROW * i, width, x) for i, bar in enumerate(self.bars)]
        return svg(css, width, height, self.title, [rule(left, TOP, left, height - 4, "base"), *marks])

    def _row(self, bar: Bar, top: float, width: int, x: Scale) -> str:
        middle, end = top + ROW / 2, x(max(bar.value or 0, 0))
        inside = [
            mark("rect", css="hit", x=0, y=float(top), width=width, height=ROW),
            words(x.start - 8, middle + 4, bar.label, anchor="end"),
            mark(
                "rect", css=self._css(bar), x=x.start, y=middle - THICK / 2, width=end - x.start, height=THICK, rx=1.5
            ),
            words(end + 7, middle + 4, self.say(bar.value), css="value"),
            words(0, 12, self.read(bar), css="read"),
        ]
        if bar.href:
            return mark("a", *inside, css="column", href=bar.href, label=f"{self.read(bar)}. {self.opens}".rstrip())
        return mark("g", *inside, css="column", tabindex="0", role="img", label=self.read(bar))
