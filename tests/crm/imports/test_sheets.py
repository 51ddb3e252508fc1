"""Excel beside CSV: one sheet becomes rows like any other, and what cannot be read is said."""

import datetime
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from crm.imports import running, sheets, workbook
from crm.imports.reasons import Refused
from crm.models import Import, Order

HEADER = ["customer_id", "order_id", "ordered_at", "amount"]
GOOD = [7, "A-1", datetime.datetime(2026, 1, 13, 10), 20]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return Path(settings.MEDIA_ROOT) / "imports"


@pytest.fixture
def book(tmp_path):
    """A workbook of these sheets: name → rows."""

    def write(*rows, sheets=None, above=0, name="orders.xlsx"):
        made = xlsxwriter.Workbook(tmp_path / name, {"default_date_format": "yyyy-mm-dd hh:mm"})
        for title, content in (sheets or {"Sheet": [HEADER, *rows]}).items():
            sheet = made.add_worksheet(title)
            for at, row in enumerate(content):
                for column, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.write_formula(above + at, column, cell[0], None, cell[1])
                    else:
                        sheet.write(above + at, column, cell)
        made.close()
        return tmp_path / name

    return write


def test_an_order_comes_in_with_numbers_dates_and_formulas_as_they_are_meant(bring, book):
    bring(book(GOOD, [7.0, 12, datetime.date(2026, 1, 14), ("=10+2.5", 12.5)], [7, "A-3", "2026-01-15", 1.234]))

    rows = {order.reference: order for order in Order.objects.all()}
    assert {name: order.total for name, order in rows.items()} == {
        "A-1": 20,
        "12": Decimal("12.5"),
        "A-3": Decimal("1.234"),
    }
    assert rows["A-1"].placed_at == datetime.datetime(2026, 1, 13, 10, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"),
        (12.5, "12.5"),
        (1.234, "1.2340"),
        (0.1 + 0.2, "0.3"),
        (-3.0, "-3"),
        (447700900142.0, "447700900142"),
        (1e-7, "0.0000001"),
        (True, "true"),
        (False, "false"),
        (datetime.date(2026, 1, 13), "2026-01-13"),
        (datetime.datetime(2026, 1, 13, 9, 59, 59, 999_999), "2026-01-13 10:00:00"),
        (datetime.time(9, 5), "09:05:00"),
        (datetime.timedelta(hours=30), "30:00:00"),
        ("'=a", "'=a"),
    ],
)
def test_a_cell_is_written_plainly(cell, text):
    assert workbook.said(cell) == text


def test_a_row_keeps_the_number_it_has_in_the_sheet(bring, book):
    path = book(sheets={"S": [HEADER, GOOD, [], [8, "two\nlines", "2026-01-13", 5], [8, "A-3", "never", 5]]}, above=3)

    brought = bring(path)

    assert [(bad.line, bad.column, bad.reason) for bad in brought.rejected.all()] == [(8, "ordered_at", "date")]
    assert set(Order.objects.values_list("reference", flat=True)) == {"A-1", "two\nlines"}


def test_a_cell_with_an_error_rejects_its_row_and_says_so(bring, book):
    brought = bring(book(GOOD, [8, "A-2", GOOD[2], ("=NA()", "#N/A")], [("=1/0", "#DIV/0!"), "A-3", GOOD[2], 5]))

    assert [(bad.line, bad.column, bad.reason) for bad in brought.rejected.order_by("line")] == [
        (3, "amount", "error_cell"),
        (4, "customer_id", "error_cell"),
    ]
    assert Order.objects.count() == 1


def test_the_first_sheet_with_rows_is_read_or_the_one_that_is_named(book, db):
    path = book(sheets={"Empty": [], "May": [HEADER, GOOD], "June": [HEADER, [8, "B-1", GOOD[2], 5]]})

    call_command("import_orders", path)
    call_command("import_orders", path, sheet="June")

    assert set(Order.objects.values_list("reference", flat=True)) == {"A-1", "B-1"}
    assert path.exists()


def test_a_sheet_that_is_not_there_is_answered_with_those_that_are(book, db):
    with pytest.raises(CommandError, match=r"no sheet of that name\. The workbook has: May, June"):
        call_command("import_orders", book(sheets={"May": [HEADER, GOOD], "June": [HEADER]}), sheet="July")


def test_another_sheet_may_be_chosen_and_everything_goes_when_it_is_forgotten(book, media, db):
    path = book(sheets={"May": [HEADER, GOOD], "June": [HEADER, [8, "B-1", GOOD[2], 5]]})
    begun = running.begin(path, name="x", source="shop")
    running.read(begun)

    running.choose_sheet(begun, "June")
    running.read(begun)
    running.apply(begun)
    running.discard(begun)

    assert Order.objects.get().reference == "B-1"
    assert [*media.iterdir()] == []
    assert not path.exists()


def test_our_copy_of_a_sheet_that_changed_is_not_applied(book, db):
    begun = running.begin(book(GOOD), name="x", source="shop")
    running.read(begun)
    with begun.file.open("a") as file:
        file.write("8,A-2,2026-01-13,5\n")

    with pytest.raises(Refused, match="has changed since the preview"):
        running.apply(begun)


def _ole(*, locked):
    return sheets.OLE + bytes(600) + (sheets.LOCKED if locked else b"Workbook") + bytes(600)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (_ole(locked=False), "a file of an old Excel"),
        (_ole(locked=True), "protected by a password"),
        (b"PK\x03\x04" + bytes(3000), "The Excel file is damaged"),
    ],
    ids=["xls", "password", "broken"],
)
def test_an_excel_file_that_cannot_be_read_is_refused(tmp_path, media, db, content, sentence):
    path = tmp_path / "orders.xlsx"
    path.write_bytes(content)

    with pytest.raises(Refused, match=sentence):
        running.begin(path, name="x", source="shop")

    assert not Import.objects.exists()
    assert [*media.glob("*")] == []


def test_half_a_workbook_an_empty_one_and_one_without_a_table_are_refused(book, media, db):
    half = book(GOOD)
    half.write_bytes(half.read_bytes()[:-400])

    for path, sentence in [
        (half, "damaged"),
        (book(sheets={"A": []}, name="empty.xlsx"), "The file is empty"),
        (book(sheets={"A": [["words"], ["more"]]}, name="words.xlsx"), "The sheet “A” holds no table"),
        (book(name="header.xlsx"), "has a header line and no rows"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            call_command("import_orders", path)
    assert not Order.objects.exists()


def test_another_zip_is_no_table(tmp_path, db):
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as packed:
        packed.writestr("word/document.xml", "<a/>")

    with pytest.raises(Refused, match="not a CSV file"):
        running.begin(tmp_path / "x.xlsx", name="x", source="shop")


@pytest.mark.slow
def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, db):
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(workbook.UNPACKED + 1))

    with pytest.raises(Refused, match="too large"):
        running.begin(tmp_path / "x.xlsx", name="x", source="shop")


def test_a_sheet_of_one_cell_at_the_far_end_takes_no_memory_along(book, db):
    far = [[*HEADER], *([[]] * 900_000), [""] * 9_000 + ["x"]]

    with pytest.raises(Refused, match="too large"):
        running.begin(book(sheets={"A": far}), name="x", source="shop")


def test_a_reader_that_takes_too_long_is_stopped(book, db, monkeypatch):
    def late(*arguments, **options):
        raise subprocess.TimeoutExpired(arguments, 1)

    monkeypatch.setattr(sheets.subprocess, "run", late)

    with pytest.raises(Refused, match="too large"):
        running.begin(book(GOOD), name="x", source="shop")
