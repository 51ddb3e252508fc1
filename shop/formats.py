"""Numbers, money and dates in the reader's language.

Babel knows the rules; the shapes are kept, because a page asks 200 times.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from django.utils import timezone
from django.utils.translation import get_language

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


def here() -> Locale:
    return locale_of(get_language() or "en")


@lru_cache(maxsize=256)
def _shape(locale: Locale, currency: str = "", sample: str = "") -> Shape:
    """Read the shape off one number that Babel wrote."""
    if currency:
        written = babel_numbers.format_currency(1, currency, locale=locale)
        digits = babel_numbers.get_currency_precision(currency)
    elif sample == "percent":
        written, digits = (
            babel_numbers.format_percent(Decimal("0.01"), locale=locale),
            0,
        )
    else:
        written, digits = "1", 0
    before, _, rest = written.partition("1")
    decimal = babel_numbers.get_decimal_symbol(locale)
    return Shape(
        before,
        rest.removeprefix(decimal).lstrip("0"),
        decimal,
        babel_numbers.get_group_symbol(locale),
        digits,
    )


def _write(value: Decimal, shape: Shape, digits: int) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    whole, _, part = f"{abs(rounded):,f}".partition(".")
    sign = MINUS if rounded < 0 else ""
    tail = shape.decimal + part if part else ""
    return f"{sign}{shape.before}{whole.replace(',', shape.group)}{tail}{shape.after}"


def exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def money(value: Number, currency: str, *, whole: bool = False) -> str:
    """912.4 → £912.40, whole: £912."""
    shape = _shape(here(), currency)
    return _write(exact(value), shape, 0 if whole else shape.digits)


def number(value: Number, digits: int = 0) -> str:
    return _write(exact(value), _shape(here()), digits)


def percent(share: Number, digits: int = 0) -> str:
    """0.907 → 91%; half is rounded up, unlike Babel's half to even."""
    return _write(exact(share) * 100, _shape(here(), sample="percent"), digits)


@lru_cache(maxsize=8192)
def _day(day: dt.date, locale: Locale, skeleton: str) -> str:
    return babel_dates.format_skeleton(skeleton, day, locale=locale)


def day(value: dt.date, *, year: bool = True) -> str:
    """4 Dec 2025, or 4 Dec."""
    return _day(value, here(), "yMMMd" if year else "MMMd")


def month(value: dt.date, *, long: bool = False, year: bool = True) -> str:
    """Dec 2025, December 2025, Dec."""
    pattern = ("LLLL" if long else "LLL") + (" y" if year else "")
    return _month(value, here(), pattern)


@lru_cache(maxsize=2048)
def _month(value: dt.date, locale: Locale, pattern: str) -> str:
    written = babel_dates.format_date(value, pattern, locale=locale)
    return written[:1].upper() + written[1:] if locale.language == "en" else written


@lru_cache(maxsize=64)
def weekday(index: int, locale: Locale) -> str:
    """0 is Monday: Mon."""
    return babel_dates.get_day_names("abbreviated", "stand-alone", locale=locale)[index]


def local(value: dt.date) -> tuple[dt.date, dt.time | None]:
    """The day, and for a moment the time, on the shop's clock."""
    if isinstance(value, dt.datetime):
        here_now = timezone.localtime(value) if timezone.is_aware(value) else value
        return here_now.date(), here_now.time()
    return value, None
