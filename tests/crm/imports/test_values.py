from datetime import date

import pytest

from crm.imports import values
from crm.imports.reasons import Rejected
from crm.imports.values import Moments, Numbers, date_order, decimal_mark

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("order", "text", "moment"),
    [
        ("unknown", "2026-01-13", "2026-01-13"),
        ("unknown", "20260113", "2026-01-13"),
        ("unknown", "2026/1/3 7:05", "2026-01-03 07:05:00"),
        ("unknown", "13/01/2026", "2026-01-13"),
        ("unknown", "01/13/2026", "2026-01-13"),
        ("unknown", "04/04/2026", "2026-04-04"),
        ("day", "03/04/2026", "2026-04-03"),
        ("month", "03/04/2026", "2026-03-04"),
        ("day", "3.4.2026 09:08:07.123", "2026-04-03 09:08:07"),
        ("month", "03/04/2026 12:30 AM", "2026-03-04 00:30:00"),
        ("year", "2026-01-13T10:00:00Z", "2026-01-13 10:00:00+00"),
    ],
)
def test_a_moment_is_read(order, text, moment):
    assert Moments(order, TODAY)(text) == moment


def test_a_column_of_one_writing_is_read_at_once_and_one_of_two_is_not():
    moments = Moments("unknown", TODAY)

    assert moments.column(["2026-01-13T10:00", "2026-01-14T9:30"]) == ["2026-01-13 10:00:00", "2026-01-14 09:30:00"]
    with pytest.raises(Rejected):
        moments.column(["2026-01-13T10:00", "2026-01-14 9:30"])


def test_days_and_times_are_forgotten_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr(values, "REMEMBERED", 3)
    moments = Moments("unknown", TODAY)

    read = [moments(f"2026-01-{day:02} 10:{day:02}") for day in range(1, 9)]

    assert read == [f"2026-01-{day:02} 10:{day:02}:00" for day in range(1, 9)]
    assert len(moments.days) <= 3
    assert len(moments.clocks) <= 3


@pytest.mark.parametrize(
    ("samples", "order"),
    [
        (["03/04/2026", "25/04/2026"], "day"),
        (["03/04/2026", "04/25/2026"], "month"),
        (["03.04.2026"], "day"),
        (["03/04/2026"], "unknown"),
        (["25/04/2026", "04/25/2026"], "unknown"),
        (["2026-04-03"], "unknown"),
    ],
)
def test_the_order_of_day_and_month_is_told_by_other_rows(samples, order):
    assert date_order(samples) == order


@pytest.mark.parametrize(
    ("mark", "text", "number"),
    [
        ("point", "1,234,567.89", "1234567.89"),
        ("comma", "1.234.567,89", "1234567.89"),
        ("comma", "1 234,5", "1234.5"),
        ("comma", "-1234,5", "-1234.5"),
        ("comma", "-12,00 zł", "-12.00"),
        ("point", "£9.99", "9.99"),
        ("point", "−9.99", "-9.99"),
        ("unknown", "1.234,50", "1234.50"),
        ("unknown", "1234.500", "1234.500"),
        ("unknown", "12", "12"),
    ],
)
def test_a_number_is_read(mark, text, number):
    assert Numbers(mark)(text) == number


@pytest.mark.parametrize("text", ["1,234", "1.234"])
def test_a_number_that_may_be_two_is_rejected(text):
    with pytest.raises(Rejected) as rejected:
        Numbers("unknown")(text)

    assert rejected.value.reason == "ambiguous_amount"


@pytest.mark.parametrize(("mark", "text"), [("point", "1,23"), ("point", "1.2.3"), ("comma", "1.23"), ("point", "½")])
def test_what_is_no_number_is_rejected(mark, text):
    with pytest.raises(Rejected):
        Numbers(mark)(text)


@pytest.mark.parametrize(
    ("samples", "mark"),
    [(["1,234", "0.5"], "point"), (["1.234", "12,5"], "comma"), (["1.234"], "unknown"), (["1.5", "1,5"], "unknown")],
)
def test_the_decimal_mark_is_told_by_other_rows(samples, mark):
    assert decimal_mark(samples) == mark
