"""One small file of each kind, to be spoiled by the tests: a header, rows that are good, and what of them came in."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from crm.models import Customer, Note, Order
from loyalty.models import Entry


@dataclass(frozen=True)
class Shape:
    """`row(n)`: the cells of the n-th row, and `here()` names the rows that came in by those numbers."""

    kind: str
    header: list[str]
    row: Callable[[int], list[str]]
    here: Callable[[], set[str]]

    def __str__(self) -> str:
        return self.kind

    def rows(self, *numbers: int) -> list[list[str]]:
        return [self.header, *map(self.row, numbers)]

    def with_cell(self, number: int, column: str, cell: str) -> list[str]:
        row = self.row(number)
        row[self.header.index(column)] = cell
        return row


ORDERS = Shape(
    "orders",
    ["customer_id", "order_id", "ordered_at", "amount", "kind"],
    lambda n: ["7", f"A-{n}", "2026-01-13 10:00", "5.25", "sale"],
    lambda: {order.reference.removeprefix("A-") for order in Order.objects.filter(reference__startswith="A-")},
)
CUSTOMERS = Shape(
    "customers",
    ["customer_id", "email", "phone", "given_name", "birthday", "language", "tags", "consent_offers", "city"],
    lambda n: [f"C-{n}", f"no{n}@people.example", "", f"{n}", "1990-01-13", "en", "VIP", "no", "Ludlow"],
    lambda: {customer.given_name for customer in Customer.objects.exclude(given_name="Known")},
)
CONVERSATIONS = Shape(
    "conversations",
    ["customer_id", "at", "kind", "body"],
    lambda n: ["7", "2026-01-13 10:00", "call", f"{n}"],
    lambda: {*Note.objects.values_list("body", flat=True)},
)
BALANCES = Shape(
    "points",
    ["customer_id", "points", "available_on", "expires_on", "note"],
    lambda n: [f"P-{n}", f"{n}00", "2026-01-13", "2199-01-13", "from the old till"],
    lambda: {str(points // 100) for points in Entry.objects.values_list("points", flat=True)},
)
SHAPES = [ORDERS, CUSTOMERS, CONVERSATIONS, BALANCES]


def in_turns(values: Iterable[Any]) -> Any:
    """`shape` and `value`: each value with one kind after the other. All are read alike; slow tests try every pair."""
    pairs = []
    for number, value in enumerate(values):
        for shape in SHAPES:
            marks = () if SHAPES[number % len(SHAPES)] is shape else pytest.mark.slow
            pairs.append(pytest.param(shape, value, marks=marks, id=f"{shape}-{_id(value)}"))
    return pytest.mark.parametrize(("shape", "value"), pairs)


def _id(value: Any) -> str:
    return getattr(value, "__name__", None) or (value if isinstance(value, str) else "-".join(value))


def as_csv(rows: list[list[str]], separator: str = ",", end: str = "\n") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator=end).writerows(rows)
    return buffer.getvalue()


def as_xlsx(path: Path, rows: list[list[str]]) -> Path:
    """Every cell as text, as an export that knows no better writes it."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return path
