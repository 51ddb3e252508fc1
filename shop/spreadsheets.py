"""Tables for spreadsheets: a mark by which they know UTF-8, and no text of which they run as a formula."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NO_TEXT = (int, float, Decimal, date)


def harmless(cell: Any) -> Any:
    """Such a text gets an apostrophe, of which an import takes exactly one off."""
    if cell is None or isinstance(cell, NO_TEXT):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_file(name: str, rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Written row by row while it is sent."""
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield MARK
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


class _Echo:
    @staticmethod
    def write(line: str) -> str:
        return line
