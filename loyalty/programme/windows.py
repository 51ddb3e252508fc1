"""The windows in which a tier is earned: the last 365 days, a calendar year, a year since joining."""

from datetime import date, timedelta

from loyalty.models.tier import TierScheme
from loyalty.programme.birthday import in_year

YEAR = 365
Window = TierScheme.Window
Span = tuple[date, date]  # first and last day


def around(kind: str, day: date, joined: date) -> Span:
    """The window that a day lies in; the rolling one ends with it."""
    if kind == Window.CALENDAR:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    if kind == Window.JOINING:
        begins = in_year(joined, day.year)
        year = day.year if begins <= day else day.year - 1
        return in_year(joined, year), in_year(joined, year + 1) - timedelta(days=1)
    return day - timedelta(days=YEAR - 1), day


def kept_until(kind: str, day: date, joined: date) -> date:
    """The last day of the window after the one in which a tier was earned."""
    _first, last = around(kind, day, joined)
    if kind == Window.ROLLING:
        return day + timedelta(days=YEAR)
    return around(kind, last + timedelta(days=1), joined)[1]


def ending(kind: str, last: date, joined: date) -> Span:
    """The window that decides on a tier that is kept until a day."""
    return around(kind, last, joined)
