"""The rhythm of one customer: a dot per order, the usual gap as a shade, silence as a dashed end."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop import formats
from shop.charts.marks import mark, rule, svg, words

LINE = 22
ROOM = 48  # half of a label
Where = Callable[[dt.date], float]


@dataclass(frozen=True)
class Order:
    """One order: its day, what hovering says (£38.55), and whether it was refunded in full."""

    day: dt.date
    text: str = ""
    refunded: bool = False
    href: str = ""


@dataclass(frozen=True)
class Rhythm:
    """`usual` are the shortest and longest usual gap in days, None while there are too few orders to tell.

    `late` draws the silence as an alarm. `orders` are oldest first; the newest 17 are drawn, on a phone 9.
    """

    orders: Sequence[Order]
    today: dt.date
    usual: tuple[float, float] | None = None
    late: bool = False

    def html(self) -> SafeString:
        if not self.orders:
            return mark_safe("")
        with formats.one_language():
            wide = self._drawn("desk-only", 1160, self.orders[-17:])
            phone = self._drawn("phone-only", 358, self.orders[-9:])
        return mark_safe(f'<div class="rhythm">{wide}{phone}</div>')

    @property
    def silent(self) -> int:
        return (self.today - self.orders[-1].day).days

    def label(self) -> str:
        days = ngettext("silent for %(n)s day", "silent for %(n)s days", self.silent)
        silence = days % {"n": formats.number(self.silent)}
        if not self.usual:
            return _("Rhythm of orders: %(silence)s") % {"silence": silence}
        low, high = (formats.number(days) for days in self.usual)
        return _("Rhythm of orders: usually every %(low)s to %(high)s days; %(silence)s") % {
            "low": low,
            "high": high,
            "silence": silence,
        }

    def _drawn(self, css: str, width: int, orders: Sequence[Order]) -> str:
        end = max(self.today, self._expected_until(orders))
        span = max((end - orders[0].day).days, 1)
        start, room = 8.0, width - 16.0

        def x(day: dt.date) -> float:
            return start + (day - orders[0].day).days / span * room

        last, now = x(orders[-1].day), x(self.today)
        marks = [rule(0, LINE, last, LINE, "rhythm__line"), *self._usual(x, orders, width)]
        marks.append(rule(last, LINE, now, LINE, f"rhythm__silence{'' if self.late else ' rhythm__silence--calm'}"))
        marks += [self._dot(x(order.day), order) for order in orders]
        marks.append(
            rule(now, LINE - 10, now, LINE + 10, f"rhythm__today{'' if self.late else ' rhythm__today--calm'}")
        )
        marks += self._silence(now, width)
        marks += self._months(x, orders[0].day, width, now)
        role = "group" if any(order.href for order in orders) else "img"
        return svg(css, width, 52, self.label(), marks, role=role)

    def _expected_until(self, orders: Sequence[Order]) -> dt.date:
        """The end of the usual gap is drawn even when it lies ahead, but no further than half the history."""
        if not self.usual:
            return self.today
        ahead = orders[-1].day + dt.timedelta(days=self.usual[1])
        history = max((self.today - orders[0].day).days, 30)
        return min(ahead, self.today + dt.timedelta(days=history // 2))

    def _usual(self, x: Where, orders: Sequence[Order], width: int) -> list[str]:
        if not self.usual:
            return []
        last = orders[-1].day
        low, high = (x(last + dt.timedelta(days=days)) for days in self.usual)
        high = min(high, width - 2.0)
        middle = (low + high) / 2
        anchor, at = self._inside(middle, width)
        return [
            mark("rect", css="rhythm__usual", x=low, y=LINE - 9, width=max(high - low, 4.0), height=18, rx=3),
            words(at, 9, _("expected here"), anchor=anchor),
        ]

    @staticmethod
    def _inside(middle: float, width: int) -> tuple[str, float]:
        """Where a label stands that must not leave the drawing on either side."""
        if middle < ROOM:
            return "start", 0.0
        return ("end", float(width)) if middle > width - ROOM else ("middle", middle)

    @staticmethod
    def _dot(x: float, order: Order) -> str:
        css = "rhythm__order rhythm__order--refund" if order.refunded else "rhythm__order"
        said = " · ".join(
            text for text in (formats.day(order.day), order.text, order.refunded and _("refunded")) if text
        )
        circle = mark("circle", mark("title", escape(said)), css=css, cx=x, cy=LINE, r=5)
        return mark("a", circle, href=order.href, label=said) if order.href else circle

    @property
    def _said(self) -> str:
        if not self.silent:
            return _("today")
        return ngettext("silent %(n)s day", "silent %(n)s days", self.silent) % {"n": formats.number(self.silent)}

    def _silence(self, now: float, width: int) -> list[str]:
        anchor = "end" if now > width - 44 else "middle"
        return [words(min(now + 1, width), 49, self._said, css="rhythm__alarm" if self.late else "", anchor=anchor)]

    def _months(self, x: Where, first: dt.date, width: int, now: float) -> list[str]:
        """Names of months under the line, as many as fit; the year with the first and with each January."""
        day, starts = (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1), []
        while x(day) < width - 24:
            starts.append(day)
            day = (day + dt.timedelta(days=32)).replace(day=1)
        letter = 9.5 if width > 400 else 7.5  # the wide drawing shrinks on a small window, its letters do not
        room = len(self._said) * letter / (1 if now > width - 44 else 2) + 30
        starts = [day for day in starts if x(day) > 24 and abs(x(day) - now) > room]
        skip = -(-len(starts) // (6 if width > 400 else 3))
        marks, year = [], 0
        for day in starts[:: skip or 1]:
            marks.append(words(x(day), 49, formats.month(day, year=day.year != year and width > 400), anchor="middle"))
            year = day.year
        return marks
