"""Working time: how much of the shop's opening hours lies between two moments, and when so much has passed.

Deadlines are counted in it, so that a complaint of Friday evening is not late on Sunday. Exact across nights,
closed days and the change of the clocks: everything is reckoned in UTC, only the hours are the shop's own.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from shop.models import Setting

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60
FAR = 3660  # days after which a shop that never opens counts as open, so that every search ends
LONGEST_HOLIDAY = 100

Spans = tuple[tuple[int, int], ...]  # minutes after midnight; an end after 24:00 lies in the night that follows

_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)
_ONE_DAY = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}(?:[./](?:\d{4})?)?)"
_CLOSED = re.compile(rf"({_ONE_DAY})(?:\s*(?:[-–—]|\.\.)\s*({_ONE_DAY}))?(?:[\s,:;]+(\S.*))?", re.ASCII)


class Unreadable(ValueError):
    """The text says to the owner what cannot be read."""


def read_hours(text: str) -> Spans:
    """`9:00–13:00, 14–18` as minutes; nothing is a closed day, `18:00–2:00` ends in the night after it."""
    spans: list[tuple[int, int]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        begins, ends = _span(part)
        if spans and begins < spans[-1][1]:
            raise Unreadable(_("The times overlap or are not in order."))
        spans.append((begins, ends))
    return tuple(spans)


def _span(part: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(part)
    if not found:
        raise Unreadable(_("Write opening hours such as 09:00–18:00; leave it empty for a closed day."))
    hour, minute, last_hour, last_minute = (int(number or 0) for number in found.groups())
    begins, ends = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or begins >= DAY or ends > DAY:
        raise Unreadable(_("There is no such time of day: hours go from 00:00 to 24:00."))
    return begins, ends if ends > begins else ends + DAY


def written(spans: Spans) -> str:
    """As the settings keep hours: 09:00–13:00, 14:00–18:00."""
    return ", ".join(f"{_clock(begins)}–{_clock(ends if ends <= DAY else ends - DAY)}" for begins, ends in spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def read_closed_days(text: str) -> tuple[frozenset[date], frozenset[tuple[int, int]]]:
    """One a line: 25.12. (every year), 25.12.2026, 2026-12-25, or from–to; what follows is its name."""
    once: set[date] = set()
    yearly: set[tuple[int, int]] = set()
    for line in filter(None, (line.strip() for line in text.splitlines())):
        found = _CLOSED.fullmatch(line)
        if not found:
            raise Unreadable(_("“%(line)s” is not a day. Write 25.12. or 25.12.2026.") % {"line": line[:40]})
        first, last = _day(found[1], line), _day(found[2] or found[1], line)
        if (first[0] is None) != (last[0] is None):
            raise Unreadable(_("“%(line)s”: give both days a year, or neither.") % {"line": line[:40]})
        for day in _days(first, last, line):
            once.add(day) if first[0] else yearly.add((day.month, day.day))
    return frozenset(once), frozenset(yearly)


def _day(text: str, line: str) -> tuple[int | None, int, int]:
    """Year or None, month, day."""
    if "-" in text:
        year, month, day = text.split("-")
    else:
        day, month, year = [*re.split(r"[./]", text), "", ""][:3]
    try:
        date(int(year or 2024), int(month), int(day))
    except ValueError:
        raise Unreadable(_("“%(line)s”: there is no such day.") % {"line": line[:40]}) from None
    return int(year) if year else None, int(month), int(day)


def _days(first: tuple[int | None, int, int], last: tuple[int | None, int, int], line: str) -> Iterator[date]:
    begins, ends = date(first[0] or 2024, *first[1:]), date(last[0] or 2024, *last[1:])
    if ends < begins and first[0] is None:  # over New Year
        ends = date(2025, *last[1:]) if last[1:] != (2, 29) else date(2025, 2, 28)
    if not 0 <= (ends - begins).days < LONGEST_HOLIDAY:
        raise Unreadable(_("“%(line)s”: the last day comes before the first, or far too late.") % {"line": line[:40]})
    return (begins + timedelta(days=n) for n in range((ends - begins).days + 1))


class BusinessHours:
    """The hours of one shop. A week without any hour counts as always open: a deadline must come some day."""

    def __init__(self, zone: str, week: tuple[str, ...], closed_days: str = "") -> None:
        self.zone = ZoneInfo(zone)
        self.week = [read_hours(text) for text in week]
        if not any(self.week):
            self.week = [((0, DAY),)] * 7
        self.once, self.yearly = read_closed_days(closed_days)
        self._known: dict[date, list[tuple[datetime, datetime]]] = {}

    def add(self, start: datetime, hours: float | Decimal | timedelta) -> datetime:
        """The moment at which so many hours of work have passed since `start`."""
        left = hours if isinstance(hours, timedelta) else timedelta(hours=float(hours))
        for begins, ends in self._open_after(start.astimezone(UTC)):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        raise AssertionError("the last opening has no end")

    def between(self, first: datetime, last: datetime) -> timedelta:
        """How much time of work lies between two moments; negative when the second comes first."""
        if last < first:
            return -self.between(last, first)
        until, worked = last.astimezone(UTC), timedelta()
        for begins, ends in self._open_after(first.astimezone(UTC)):
            if begins >= until:
                break
            worked += min(ends, until) - begins
        return worked

    def _open_after(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every opening from a moment on, in order; the one under way begins at that moment."""
        today, reached = moment.astimezone(self.zone).date(), moment
        for number in range(-1, FAR):
            for begins, ends in self._openings(today + timedelta(days=number)):
                begins = max(begins, reached)  # the hours of the night before may reach into these
                if ends > begins:
                    yield begins, ends
                    reached = ends
        yield max(reached, moment + timedelta(days=FAR)), datetime.max.replace(tzinfo=UTC)

    def _openings(self, day: date) -> list[tuple[datetime, datetime]]:
        if day not in self._known:
            if len(self._known) > FAR:
                self._known.clear()
            closed = day in self.once or (day.month, day.day) in self.yearly
            spans = () if closed else self.week[day.weekday()]
            self._known[day] = [(self._moment(day, begins), self._moment(day, ends)) for begins, ends in spans]
        return self._known[day]

    def _moment(self, day: date, minutes: int) -> datetime:
        """In UTC. A time that the clocks show twice is the first one, one they skip is when they skip it."""
        clock = datetime.combine(day, time.min) + timedelta(minutes=minutes)
        moment = clock.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == clock:
            return moment
        early, late = clock.replace(tzinfo=self.zone, fold=1).astimezone(UTC), moment
        offset = early.astimezone(self.zone).utcoffset()
        while late - early > timedelta(seconds=1):
            middle = early + timedelta(seconds=(late - early).total_seconds() // 2)
            if middle.astimezone(self.zone).utcoffset() == offset:
                early = middle
            else:
                late = middle
        return late


_kept = lru_cache(maxsize=16)(BusinessHours)


def in_force() -> BusinessHours:
    """The hours as the settings have them now."""
    values = Setting.all()
    week = tuple(values[f"hours.{day}"] for day in WEEKDAYS)
    return _kept(values["shop.time_zone"], week, values["hours.closed"])


def add(start: datetime, hours: float | Decimal | timedelta) -> datetime:
    return in_force().add(start, hours)


def between(first: datetime, last: datetime) -> timedelta:
    return in_force().between(first, last)
