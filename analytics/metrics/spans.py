"""Stretches of the shop's days a figure is about: a month, a quarter, a year, any range; and what they are set beside.

In an address: 2026-11, 2026-Q4, 2026, 2026-03-05..2026-04-10.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, timedelta

from django.utils.translation import gettext as _

from shop import formats

MONTH, QUARTER, YEAR, RANGE = "month", "quarter", "year", "range"
DAY = timedelta(days=1)
_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}
_WRITTEN = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)
FIRST_YEAR, LAST_YEAR = MINYEAR + 10, MAXYEAR - 10  # so that a year before and after can be reckoned


@dataclass(frozen=True, order=True)
class Span:
    """From its first day to its last, both inside. `kind` says how it was named; `cut`: seen until `last` only."""

    first: date
    last: date
    kind: str = RANGE
    cut: bool = False

    @classmethod
    def of(cls, day: date, kind: str) -> "Span":
        """The month, quarter or year in which a day lies."""
        months = _MONTHS[kind]
        begins = day.replace(month=day.month - (day.month - 1) % months, day=1)
        return cls(begins, _plus_months(begins, months) - DAY, kind)

    @classmethod
    def read(cls, text: str) -> "Span | None":
        """What an address says; None: nothing that can be read."""
        if ".." in text:
            return _range(text)
        found = _WRITTEN.fullmatch(text)
        if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            return None
        if found[2]:
            return cls.of(date(int(found[1]), int(found[2]) * 3, 1), QUARTER)
        if found[3]:
            return cls.of(date(int(found[1]), int(found[3]), 1), MONTH)
        return cls.of(date(int(found[1]), 1, 1), YEAR)

    def until(self, as_of: date) -> "Span":
        """Without the days that are not over: figures reach until the day before `as_of`."""
        last = as_of - DAY
        return self if self.last <= last else replace(self, last=max(last, self.first - DAY), cut=True)

    @property
    def complete(self) -> bool:
        return not self.cut

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def whole(self) -> "Span":
        """Without the cut, where that can be told from how it is named."""
        return Span.of(self.first, self.kind) if self.cut and self.kind in _MONTHS else replace(self, cut=False)

    # ---- What it is compared with -----------------------------------------------------------------
    @property
    def before(self) -> "Span":
        """The one of equal length that ends where this begins; of one that is not over, as many of its days."""
        if self.kind in _MONTHS:
            return self._as_far(Span.of(self.first - DAY, self.kind))
        length = timedelta(days=self.days)
        return Span(self.first - length, self.first - DAY, RANGE)

    @property
    def year_before(self) -> "Span":
        if self.kind in _MONTHS:
            return self._as_far(Span.of(year_before(self.first), self.kind))
        return Span(year_before(self.first), year_before(self.last), RANGE)

    def _as_far(self, other: "Span") -> "Span":
        """To the same day, when this one is not over."""
        if not self.cut:
            return other
        return replace(other, last=min(other.first + timedelta(days=self.days - 1), other.last), cut=True)

    @property
    def next(self) -> "Span":
        if self.kind in _MONTHS:
            return Span.of(self.whole.last + DAY, self.kind)
        return Span(self.last + DAY, self.last + timedelta(days=self.days), RANGE)

    # ---- In words ---------------------------------------------------------------------------------
    @property
    def key(self) -> str:
        """As an address writes it."""
        if self.kind == MONTH:
            return f"{self.first:%Y-%m}"
        if self.kind == QUARTER:
            return f"{self.first.year:04}-Q{(self.first.month + 2) // 3}"
        return f"{self.first.year:04}" if self.kind == YEAR else f"{self.first.isoformat()}..{self.last.isoformat()}"

    @property
    def name(self) -> str:
        """November 2026; October to December 2026; 2026; 5 Mar 2026 to 10 Apr 2026; December 2026 until 9 Dec."""
        if self.cut and self.kind == MONTH:
            written = formats.month(self.first, long=True)
            return _("%(month)s until %(day)s") % {"month": written, "day": formats.day(self.last, year=False)}
        if self.cut or self.kind == RANGE:
            return _("%(first)s to %(last)s") % {"first": formats.day(self.first), "last": formats.day(self.last)}
        if self.kind == MONTH:
            return formats.month(self.first, long=True)
        if self.kind == YEAR:
            return str(self.first.year)
        first = formats.month(self.first, long=True, year=False)
        return _("%(first)s to %(last)s") % {"first": first, "last": formats.month(self.last, long=True)}


def year_before(day: date) -> date:
    """The same day of the year before; of a leap day, 28 February."""
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))


def _range(text: str) -> Span | None:
    try:
        first, last = (date.fromisoformat(part) for part in text.split("..", 1))
    except ValueError:
        return None
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR or first > last:
        return None
    return Span(first, last)


def _plus_months(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
