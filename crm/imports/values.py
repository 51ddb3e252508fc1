"""Cells into values: dates, numbers, kinds. What could mean two things is rejected, not guessed."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from crm.imports.reasons import Rejected

SALE, REFUND, ADJUSTMENT = "sale", "refund", "adjustment"
KINDS = {
    "": SALE,
    **dict.fromkeys("sale order purchase invoice продажа заказ продаж замовлення sprzedaż zamówienie".split(), SALE),
    **dict.fromkeys("refund return credit cancellation cancelled canceled".split(), REFUND),
    **dict.fromkeys("возврат отмена повернення скасування zwrot anulowanie".split(), REFUND),
    **dict.fromkeys("adjustment корректировка коригування korekta".split(), ADJUSTMENT),
}

YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?", re.ASCII
)
PLAIN_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
FIRST_DAY = date(1970, 1, 1)

PLAIN = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?", re.ASCII)
PLAIN_BY_MARK = {"point": PLAIN, "comma": re.compile(r"-?\d{1,12}(?:,\d{1,12})?", re.ASCII)}
NEVER = re.compile(r"(?!)")
GROUPABLE = re.compile(r"(?<!\d)[1-9]\d{0,2}[.,]")  # what may stand before a thousands separator
GROUPS = "\u0020\u00a0\u2009\u202f'’"
SIGNS = re.compile(r"^[£$€₽₴¥]|(?:[£$€₽₴¥]|zł|руб\.?|грн\.?|kr)$")
REMEMBERED = 100_000  # distinct days or times kept at hand; a day has 86,400 seconds


def date_order(samples: Iterable[str]) -> str:
    """Year, day or month first, as far as the samples tell; else "unknown"."""
    found = set()
    for text in samples:
        match = YEAR_LAST.match(text.strip())
        if match:
            first, mark, second = int(match[1]), match[2], int(match[3])
            if mark == "." or first > 12 >= second:
                found.add("day")
            elif second > 12 >= first:
                found.add("month")
    return found.pop() if len(found) == 1 else "unknown"


def decimal_mark(samples: Iterable[str]) -> str:
    """Point or comma, as far as the samples tell; else "unknown"."""
    found = set()
    for text in samples:
        marks = re.sub(r"[^.,]", "", text)
        digits = len(text.rstrip()) - 1 - max(text.rfind("."), text.rfind(",")) if marks else 0
        if not marks:
            continue
        if len(set(marks)) == 2:
            found.add("comma" if marks[-1] == "," else "point")
        elif len(marks) == 1 and (digits != 3 or not GROUPABLE.search(text)):
            found.add("comma" if marks == "," else "point")
        elif len(marks) > 1:
            found.add("point" if marks[0] == "," else "comma")
    return found.pop() if len(found) == 1 else "unknown"


class Remembered(dict[str, str]):
    """What a text means, worked out when it is first asked for."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, text: str) -> str:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[text] = self.read(text)
        return found


class Moments:
    """Text → `2026-12-31 23:59:00`, without an offset unless the file gives one: PostgreSQL adds the shop's zone.

    Days and times repeat, so each is worked out once.
    """

    def __init__(self, order: str, today: date, earliest: date = FIRST_DAY, latest: date | None = None) -> None:
        self.order, self.first_day, self.last_day = order, earliest, latest or today + timedelta(days=1)
        self.days = Remembered(lambda text: self._read_day(text).isoformat())
        self.clocks = Remembered(lambda text: _read_clock(text.strip()) if text else "")

    def __call__(self, text: str) -> str:
        return self.column([text])[0]

    def column(self, cells: Sequence[str]) -> list[str]:
        """All in the writing of the first; Rejected when they are not."""
        first = cells[0].strip()
        mark = "T" if "T" in first and " " not in first else " "
        days, clocks = self.days, self.clocks
        return [days[day] + clocks[clock] for day, _mark, clock in [cell.strip().partition(mark) for cell in cells]]

    def _read_day(self, text: str) -> date:
        if not text:
            raise Rejected("no_date")
        try:
            day = date(*self._parts(text))
        except ValueError:
            raise Rejected("date") from None
        if day < self.first_day:
            raise Rejected("early_date" if self.first_day == FIRST_DAY else "early_birthday")
        if day > self.last_day:
            raise Rejected("future_date")
        return day

    def _parts(self, text: str) -> tuple[int, int, int]:
        if match := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
            return int(match[1]), int(match[2]), int(match[3])
        match = YEAR_LAST.fullmatch(text)
        if not match or self.order == "year":
            raise Rejected("date")
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        order = self.order
        if order == "unknown":
            order = _certain_order(first, second)
        return (year, second, first) if order == "day" else (year, first, second)


def _certain_order(first: int, second: int) -> str:
    if first == second or first > 12:
        return "day"
    if second > 12:
        return "month"
    raise Rejected("ambiguous_date")


def _read_clock(text: str) -> str:
    if PLAIN_CLOCK.fullmatch(text):
        return f" {text}"
    match = CLOCK.fullmatch(text)
    if not match:
        raise Rejected("time" if text else "date")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            raise Rejected("time")
        hour = hour % 12 + (12 if match[4].lower() == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise Rejected("time")
    zone = "+00" if match[5] in ("Z", "UTC") else match[5] or ""
    if zone and int(zone[1:3]) > 15:
        raise Rejected("time")
    return f" {hour:02}:{minute:02}:{second:02}{zone}"


class Numbers:
    """Text → a plain decimal number as text. `mark`: point, comma or unknown."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.plain = PLAIN_BY_MARK.get(mark, NEVER).fullmatch

    def __call__(self, text: str) -> str:
        return self.column([text])[0]

    def column(self, cells: Sequence[str]) -> Sequence[str]:
        if not all(map(self.plain, cells)):
            return [_read_number(cell, self.mark) for cell in cells]
        return cells if self.mark == "point" else [cell.replace(",", ".") for cell in cells]


def _read_number(text: str, mark: str) -> str:
    bare = SIGNS.sub("", text.strip().replace("\N{MINUS SIGN}", "-")).strip()
    sign = "-" if bare.startswith("-") else ""
    bare = SIGNS.sub("", bare.removeprefix("-").removeprefix("+")).strip()
    if not bare:
        raise Rejected("no_amount" if not text.strip() else "amount")
    if mark == "unknown":
        mark = _certain_mark(bare)
    groups, decimal = (",", ".") if mark == "point" else (".", ",")
    whole, _, part = bare.partition(decimal)
    number = sign + _ungrouped(whole, groups) + (f".{part}" if part else "")
    if not PLAIN.fullmatch(number):
        too_large = re.fullmatch(r"-?\d{13,}(\.\d+)?", number, re.ASCII)
        raise Rejected("large_amount" if too_large else "amount")
    return number


def _ungrouped(whole: str, group: str) -> str:
    """`1,234,567` → `1234567`; `1,23` is no number."""
    for mark in (group, *GROUPS):
        if mark in whole:
            head, *rest = whole.split(mark)
            if not 1 <= len(head) <= 3 or any(len(part) != 3 for part in rest):
                raise Rejected("amount")
            return head + "".join(rest)
    return whole


def _certain_mark(text: str) -> str:
    if "." not in text and "," not in text:
        return "point"
    known = decimal_mark([text])
    if known == "unknown":
        raise Rejected("ambiguous_amount")
    return known
