from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from shop.charts.marks import mark
from shop.charts.scale import Scale


@dataclass(frozen=True)
class Whisker:
    """The interval of a stat tile: this period in colour, the one compared with in grey.

    `scale` is (lowest, highest) and the same for every tile of one row that shares a unit.
    """

    value: float
    low: float
    high: float
    scale: tuple[float, float]
    past: tuple[float, float] | None = None

    def html(self) -> SafeString:
        lo, hi = self.scale
        x = Scale(lo, hi if hi > lo else lo + 1, 3, 157)
        marks = [mark("line", x1=0, y1=4, x2=160, y2=4)]
        if self.past:
            marks.append(self._range(x, *self.past, "whisker__past", 1))
        marks.append(self._range(x, self.low, self.high, "", 2))
        marks.append(mark("circle", cx=x(self.value), cy=4, r=3))
        return mark_safe(f'<svg class="whisker" viewBox="0 0 160 8" aria-hidden="true">{"".join(marks)}</svg>')

    @staticmethod
    def _range(x: Scale, low: float, high: float, css: str, round_by: int) -> str:
        start, end = max(x(low), 0.0), min(x(high), 160.0)
        return mark("rect", css=css, x=start, y=1, width=max(end - start, 2.0), height=6, rx=round_by)

    @classmethod
    def around(cls, *ranges: tuple[float, float]) -> tuple[float, float]:
        """A scale that holds all these intervals with some air."""
        lo, hi = min(low for low, _ in ranges), max(high for _, high in ranges)
        air = (hi - lo) * 0.25 or 0.05
        return lo - air, hi + air
