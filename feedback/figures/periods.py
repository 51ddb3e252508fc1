"""Weeks, months and quarters of the shop: where each begins, what it is called."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop import formats

STEPS = {
    "week": gettext_lazy("By week"),
    "month": gettext_lazy("By month"),
    "quarter": gettext_lazy("By quarter"),
}
DRAWN = {"week": 26, "month": 25, "quarter": 12}  # periods that a chart has room for


@dataclass(frozen=True, order=True)
class Period:
    """From its first day to the day before the next one begins."""

    first: date
    step: str = "month"

    @classmethod
    def of(cls, day: date, step: str) -> "Period":
        if step == "week":
            return cls(day - timedelta(days=day.weekday()), step)
        month = day.month - (day.month - 1) % 3 if step == "quarter" else day.month
        return cls(day.replace(month=month, day=1), step)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Period":
        far = {"week": 7, "month": 32, "quarter": 95}[self.step]
        return Period.of(self.first + timedelta(days=far), self.step)

    @property
    def before(self) -> "Period":
        return Period.of(self.first - timedelta(days=1), self.step)

    def back(self, n: int) -> "Period":
        found = self
        for _number in range(n):
            found = found.before
        return found

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """From the first one to the first one after it."""
        return midnight(self.first), midnight(self.next.first)

    def is_over(self, today: date) -> bool:
        return self.last < today

    @property
    def name(self) -> str:
        """July 2026; July to September 2026; 3 to 9 November 2026."""
        if self.step == "month":
            return formats.month(self.first, long=True)
        if self.step == "week":
            days = {"first": formats.day(self.first, year=False), "last": formats.day(self.last)}
        else:
            days = {
                "first": formats.month(self.first, long=True, year=False),
                "last": formats.month(self.last, long=True),
            }
        return _("%(first)s to %(last)s") % days

    @property
    def short(self) -> str:
        """Under an axis."""
        if self.step == "week":
            return formats.day(self.first, year=False)
        first, last = (formats.month(day, year=False) for day in (self.first, self.last))
        return first if self.step == "month" else f"{first}–{last}"


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def read(text: str, step: str, today: date) -> Period | None:
    """2026-10-01, any day of it; nothing that has not begun."""
    day = read_day(text)
    found = Period.of(day, step) if day else None
    return found if found and found.first <= today else None


def read_day(text: str) -> date | None:
    """2026-10-31; nothing so far away that it cannot be reckoned with."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= timezone.localdate().year + 1 else None
