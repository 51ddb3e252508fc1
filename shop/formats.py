"""Numbers, money and dates in the reader's language.

Babel knows the rules; the shapes are kept, because a page asks 200 times.
"""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Number: TypeAlias = int | float | Decimal

LOCALES = {"en": "en_GB", "ru": "ru_RU", "uk": "uk_UA", "pl": "pl_PL"}
MINUS = "\N{MINUS SIGN}"


class Shape(NamedTuple):
    """How one kind of number is written in one language."""

    before: str
    after: str
    decimal: str
    group: str
    digits: int


@lru_cache(maxsize=16)
def locale_of(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language[:2], "en_GB"))


_held: ContextVar[str] = ContextVar("language_of_one_drawing", default="")


def here() -> str:
    return _held.get() or get_language() or "en"


@contextmanager
def one_language() -> Iterator[None]:
    """Look the reader's language up once for many numbers; inside, the language must not change."""
    token = _held.set(here())
    try:
        yield
    finally:
        _held.reset(token)


@lru_cache(maxsize=256)
def _shape(language: str, currency: str = "", sample: str = "") -> Shape:
    """Read the shape off one number that Babel wrote."""
    locale, digits = locale_of(language), 0
    if currency:
        written = babel_numbers.format_currency(1, currency, locale=locale)
        digits = babel_numbers.get_currency_precision(currency)
        # Ukrainian and Polish have no sign for the pound of their own; £ says more than GBP.
        written = written.replace(currency, babel_numbers.get_currency_symbol(currency, "en"))
    elif sample == "percent":
        written = babel_numbers.format_percent(Decimal("0.01"), locale=locale)
    else:
        written = "1"
    before, _, rest = written.partition("1")
    decimal = babel_numbers.get_decimal_symbol(locale)
    group = babel_numbers.get_group_symbol(locale)
    return Shape(before, rest.removeprefix(decimal).lstrip("0"), decimal, group, digits)


UNITS = tuple(Decimal(1).scaleb(-digits) for digits in range(10))


def _write(value: Decimal, shape: Shape, digits: int) -> str:
    before, after, decimal, group, _ = shape
    rounded = value.quantize(UNITS[digits], ROUND_HALF_UP)
    text = f"{rounded:,f}"
    if decimal != "." or group != ",":
        whole, _, part = text.partition(".")
        text = whole.replace(",", group) + (decimal + part if part else "")
    if text[0] == "-":
        return f"{MINUS if rounded else ''}{before}{text[1:]}{after}"
    return f"{before}{text}{after}"


def exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def money(value: Number, currency: str, *, whole: bool = False) -> str:
    """912.4 → £912.40, whole: £912."""
    shape = _shape(here(), currency)
    return _write(exact(value), shape, 0 if whole else shape.digits)


def number(value: Number, digits: int = 0) -> str:
    return _write(exact(value), _shape(here()), digits)


def signed(value: Number, digits: int = 0) -> str:
    """+37, −5, 0."""
    text = number(value, digits)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def percent(share: Number, digits: int = 0) -> str:
    """0.907 → 91%; half is rounded up, unlike Babel's half to even."""
    return _write(exact(share) * 100, _shape(here(), "", "percent"), digits)


# "2025 г.", "2025 р.": at the end of a sentence it made two full stops, and nobody misses it.
YEAR_WORD = re.compile(r"\s(г|р)\.$")


@lru_cache(maxsize=8192)
def _day(day: dt.date, language: str, skeleton: str) -> str:
    said = babel_dates.format_skeleton(skeleton, day, locale=locale_of(language))
    return YEAR_WORD.sub("", said)


def day(value: dt.date, *, year: bool = True) -> str:
    """4 Dec 2025, or 4 Dec."""
    return _day(value, here(), "yMMMd" if year else "MMMd")


def long_day(value: dt.date) -> str:
    """Wednesday, 9 December."""
    return _month(value, here(), "EEEE, d MMMM")


def month(value: dt.date, *, long: bool = False, year: bool = True, since: bool = False) -> str:
    """Dec 2025, December 2025, Dec; `since` in the genitive, as in a date: с мая 2025."""
    pattern = ("M" if since else "L") * (4 if long else 3) + (" y" if year else "")
    return _month(value, here(), pattern)


@lru_cache(maxsize=2048)
def _month(value: dt.date, language: str, pattern: str) -> str:
    return babel_dates.format_date(value, pattern, locale=locale_of(language))


def local(value: dt.date) -> tuple[dt.date, str]:
    """The day, and for a moment its time (14:02), on the shop's clock."""
    if isinstance(value, dt.datetime):
        moment = value.astimezone(timezone.get_current_timezone()) if value.tzinfo else value
        return moment.date(), f"{moment.hour:02}:{moment.minute:02}"
    return value, ""


def relative(day_: dt.date, today: dt.date, time: str = "") -> str:
    """Today, yesterday, 4 Dec, 4 Dec 2025; the time only within a year."""
    return _relative(day_, today, time, here())


@lru_cache(maxsize=8192)
def _relative(then: dt.date, today: dt.date, time: str, language: str) -> str:
    days = (then - today).days
    near = {0: _("today"), -1: _("yesterday"), 1: _("tomorrow")}
    words = near.get(days) or day(then, year=then.year != today.year and not 0 < days < 120)
    return f"{words} {time}" if time and days > -365 else words
