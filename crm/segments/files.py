"""The kinds of files a table is written to."""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from shop.spreadsheets import harmless

MOST_ROWS = 1_000_000  # on one sheet of a workbook
WIDEST = 32_767  # characters of a cell


def plain(value: Any) -> Any:
    """What a cell can hold: a moment as the shop's own time, a list as text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else value


def write_csv(path: Path, _title: str, heads: list[str], rows: Iterable[list[Any]]) -> int:
    """UTF-8 with a mark, so that Excel reads it; returns how many rows there are."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(map(harmless, heads))
        for row in rows:
            writer.writerow([_in_csv(cell) for cell in row])
            count += 1
    return count


def _in_csv(cell: Any) -> Any:
    if isinstance(cell, date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return format(cell.normalize(), "f") if isinstance(cell, Decimal) else harmless(cell)


def write_xlsx(path: Path, title: str, heads: list[str], rows: Iterable[list[Any]]) -> int:
    """One row in memory at a time; a further sheet when one is full. `title`: of the first sheet."""
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False}
    count = 0
    with Workbook(path, options) as book:
        formats = {
            "head": book.add_format({"bold": True}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet = None
        for count, row in enumerate(rows, 1):
            line = (count - 1) % MOST_ROWS + 1
            if line == 1:
                sheet = _sheet(book, title, heads, formats)
            _write(sheet, line, row, formats)
        if sheet is None:
            _sheet(book, title, heads, formats)
    return count


def _sheet(book: Any, title: str, heads: list[str], formats: dict[Any, Any]) -> Any:
    before = len(book.worksheets())
    sheet = book.add_worksheet(f"{title} {before + 1}" if before else title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(heads) - 1, 0), 18)
    for place, head in enumerate(heads):
        sheet.write_string(0, place, harmless(head), formats["head"])
    return sheet


def _write(sheet: Any, line: int, row: list[Any], formats: dict[Any, Any]) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, bool) or cell == "":
            sheet.write(line, place, cell) if cell != "" else None
        elif isinstance(cell, date):
            sheet.write_datetime(line, place, cell, formats[type(cell)])
        elif isinstance(cell, int | float | Decimal):
            sheet.write_number(line, place, float(cell))
        else:
            sheet.write_string(line, place, harmless(str(cell))[:WIDEST])


Writer = Callable[[Path, str, list[str], Iterator[list[Any]]], int]
WRITERS: dict[str, Writer] = {"csv": write_csv, "xlsx": write_xlsx}
