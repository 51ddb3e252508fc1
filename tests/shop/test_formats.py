import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from shop import formats
from shop.templatetags import shop as tags

NBSP = "\N{NO-BREAK SPACE}"
LANGUAGES = ["en", "ru", "uk", "pl"]


def in_every_language(write):
    written = []
    for language in LANGUAGES:
        with translation.override(language):
            written.append(write().replace("\N{NARROW NO-BREAK SPACE}", NBSP))
    return written


def test_money_is_written_as_each_language_writes_it():
    written = in_every_language(lambda: formats.money(Decimal("1284.1"), "GBP"))

    assert written == ["£1,284.10", f"1{NBSP}284,10{NBSP}£", f"1{NBSP}284,10{NBSP}£", f"1{NBSP}284,10{NBSP}£"]


def test_money_has_as_many_decimals_as_its_currency():
    assert formats.money(Decimal("1234.5"), "JPY") == "JP¥1,235"
    assert formats.money(Decimal("1.2345"), "KWD").endswith("1.235")
    assert formats.money(Decimal("912.50"), "GBP", whole=True) == "£913"


def test_a_negative_sum_has_a_real_minus_and_zero_has_none():
    assert formats.money(Decimal("-3.5"), "GBP") == "−£3.50"
    assert formats.number(-0.4) == "0"


def test_numbers_and_shares_are_written_as_each_language_writes_them():
    numbers = in_every_language(lambda: formats.number(1234567.25, 1))
    shares = in_every_language(lambda: formats.percent(0.907, 1))

    assert numbers == ["1,234,567.3", *[f"1{NBSP}234{NBSP}567,3"] * 3]
    assert shares == ["90.7%", f"90,7{NBSP}%", "90,7%", "90,7%"]


@pytest.mark.parametrize(("share", "written"), [(0.005, "1%"), (0.025, "3%"), (0.045, "5%"), (0.125, "13%")])
def test_half_a_percent_is_rounded_up(share, written):
    assert formats.percent(share) == written


def test_the_locale_library_agrees_with_our_shapes():
    from babel.numbers import format_currency

    with translation.override("uk"):
        ours = formats.money(Decimal("1234567.89"), "UAH")

    assert ours == format_currency(Decimal("1234567.89"), "UAH", locale="uk_UA")


@time_machine.travel(dt.datetime(2026, 12, 9, 10, 0, tzinfo=dt.UTC))
def test_when_says_days_near_by_in_words_and_leaves_this_year_out():
    days = [
        dt.date(2026, 12, 9),
        dt.date(2026, 12, 8),
        dt.date(2026, 12, 10),
        dt.date(2026, 12, 4),
        dt.date(2025, 12, 4),
    ]

    said = [formats.relative(day, dt.date(2026, 12, 9)) for day in days]

    assert said == ["today", "yesterday", "tomorrow", "4 Dec", "4 Dec 2025"]
    assert 'datetime="2025-12-04" title="4 Dec 2025"' in tags.when(days[-1])


@time_machine.travel(dt.datetime(2026, 12, 9, 23, 30, tzinfo=dt.UTC))
def test_when_counts_days_on_the_clock_of_the_shop():
    moment = dt.datetime(2026, 12, 9, 22, 30, tzinfo=dt.UTC)

    with tags.timezone.override(dt.timezone(dt.timedelta(hours=2))):
        said = tags.when(moment, "clock")

    assert ">today 00:30<" in said


def test_days_are_written_as_each_language_writes_them():
    written = in_every_language(lambda: formats.day(dt.date(2025, 12, 4)))

    assert written[0] == "4 Dec 2025"
    assert written[1] == "4 дек. 2025", "no full stop that a sentence would double"
    assert written[2] == "4 груд. 2025"
    assert written[3] == "4 gru 2025"


def test_what_is_not_known_is_a_dash():
    said = {tags.money(None, "GBP"), tags.number(None), tags.percent(None), tags.when(None), tags.days_ago(None)}

    assert said == {tags.NOTHING}


@pytest.mark.parametrize(
    ("name", "letters"), [("Priya Nair", "PN"), ("Håkon van der Berg", "HB"), ("Ana", "A"), ("", "–"), ("🙂", "–")]
)
def test_initials(name, letters):
    assert tags.initials(name) == letters


def test_a_meter_never_leaves_its_track():
    assert 'width="100.0"' in tags.meter(7, 5)
    assert 'width="0.0"' in tags.meter(-1)
    assert 'width="0.0"' in tags.meter(None, 0)
