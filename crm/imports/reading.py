"""The rows of a file, one by one: good ones as tuples for the staging table, bad ones with line, column and reason."""

import csv
import io
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from crm.imports import columns, files, values
from crm.imports.columns import LINE_FIELDS, Mapping
from crm.imports.reasons import Refused, Rejected

SAMPLE_ROWS = 2_000
CHUNK = 20_000
CELL_LIMIT = 131_072  # the csv module's own
LENGTHS = {"customer_id": 254, "order_id": 64, "refund_of": 64, "country": 80}
LINE_LENGTHS = {"line_sku": 64, "line_name": 200, "line_category": 120}
FORMULA = ("=", "+", "-", "@")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")

Row: TypeAlias = tuple[Any, ...]


class Bad(NamedTuple):
    line: int
    column: str
    reason: str
    cells: list[str]


class Broken(list[str]):
    """A row that cannot be taken apart: no cells, but a reason."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class Chunk(NamedTuple):
    rows: list[Row]
    rejected: list[Bad]
    line: int


def prepare(path: Path, found: files.Look) -> Mapping:
    """The mapping as far as the header tells."""
    return columns.guess(header_line(path, found.encoding), found.encoding)


def header_line(path: Path, encoding: str) -> str:
    with files.text(path, encoding) as source:
        try:
            return source.readline(CELL_LIMIT)
        except UnicodeError:
            raise Refused("encoding", line=1, encoding=encoding.upper()) from None


def settle(mapping: Mapping, path: Path) -> Mapping:
    """Turns "find out" into what the first rows say."""
    with files.text(path, mapping.encoding) as source:
        sample = [row for _line, row in itertools.islice(_records(source, mapping), SAMPLE_ROWS)]
    if mapping.dates == "auto":
        mapping.dates = values.date_order(_column(sample, mapping, "ordered_at"))
    if mapping.decimal == "auto":
        mapping.decimal = values.decimal_mark(_column(sample, mapping, "amount"))
    return mapping


def _column(sample: list[list[str]], mapping: Mapping, name: str) -> list[str]:
    at = mapping.index_of(name)
    return [row[at] for row in sample if at is not None and len(row) > at]


class Reader:
    """Reads a file by a mapping. `skipped` counts what was left out on purpose, by reason."""

    def __init__(self, path: Path, mapping: Mapping, *, today: date, has_nul: bool = False) -> None:
        self.path, self.mapping, self.has_nul = path, mapping, has_nul
        self.skipped: Counter[str] = Counter()
        self.rows_seen = 0
        moments = values.Moments(mapping.dates, today)
        self.record = _recorder(mapping, moments, values.numbers(mapping.decimal), self.skipped)

    def chunks(self) -> Iterator[Chunk]:
        with files.text(self.path, self.mapping.encoding) as source:
            records = _records(source, self.mapping)
            while batch := list(itertools.islice(records, CHUNK)):
                self.rows_seen += len(batch)
                yield self._chunk(batch)
        if not self.rows_seen:
            raise Refused("header_only")

    def _chunk(self, batch: list[tuple[int, list[str]]]) -> Chunk:
        rows: list[Row] = []
        rejected: list[Bad] = []
        width, record, has_nul = len(self.mapping.header), self.record, self.has_nul
        for line, row in batch:
            try:
                if len(row) != width:
                    row = _fitted(row, width)
                if has_nul:
                    _check_nul(row, self.mapping)
                made = record(line, row)
            except Rejected as bad:
                rejected.append(self._bad(line, row, bad))
            else:
                if made:
                    rows.append(made)
        return Chunk(rows, rejected, batch[-1][0])

    def _bad(self, line: int, row: list[str], bad: Rejected) -> Bad:
        column = self.mapping.columns.get(bad.field, bad.field)
        cells = [CONTROL.sub("", cell)[:500] for cell in row[:100]]
        return Bad(line, column[:200], bad.reason, cells)


def _fitted(row: list[str], width: int) -> list[str]:
    """Empty cells too many at the end are an exporter's habit; anything else is not for us to guess."""
    if isinstance(row, Broken):
        raise Rejected(row.reason)
    if len(row) > width and not any(row[width:]):
        return row[:width]
    raise Rejected("cells")


def _check_nul(row: list[str], mapping: Mapping) -> None:
    for at, cell in enumerate(row):
        if "\0" in cell:
            raise Rejected("nul", mapping.header[at].replace("\0", ""))


def _records(source: io.TextIOWrapper, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) below the header; instead of the cells a reason when the row cannot be read at all."""
    reader = csv.reader(source, delimiter=mapping.delimiter, strict=True)
    begins, header = 1, True
    while True:
        try:
            for row in reader:
                if row and not header:
                    yield begins, row
                header, begins = False, reader.line_num + 1
            return
        except csv.Error as error:
            yield begins, Broken(_what_broke(error, begins, reader.line_num))
            header, begins = False, reader.line_num + 1
        except UnicodeError:
            raise Refused("encoding", line=begins, encoding=mapping.encoding.upper()) from None
        except EOFError:
            raise Refused("broken_gzip") from None


def _what_broke(error: csv.Error, begins: int, ends: int) -> str:
    """One line is rejected by itself. A quote that swallowed further lines makes the rest of the file guesswork."""
    too_long = "field larger" in str(error)
    if ends > begins or (not too_long and "unexpected end" in str(error)):
        raise Refused("quotes", line=begins)
    return "long_cell" if too_long else "quotes"


def _recorder(
    mapping: Mapping, moments: values.Moments, number: Callable[[str], str], skipped: Counter[str]
) -> Callable[[int, list[str]], Row | None]:
    """The function that runs once a row; everything that can be decided beforehand is decided here."""
    at = {name: mapping.index_of(name) for name in columns.FIELDS}
    customer_at, order_at, date_at, amount_at = (at[name] for name in columns.REQUIRED)
    kind_at, extra = at["kind"], _extra(at)
    lines = _lines(at, number) if mapping.has_lines else None

    def record(line: int, row: list[str]) -> Row | None:
        kind = values.SALE if kind_at is None else _kind(row[kind_at])
        if kind is values.ADJUSTMENT:
            skipped["adjustment"] += 1
            return None
        customer, order = row[customer_at].strip(), row[order_at].strip()
        if customer[:1] == "'" or order[:1] == "'":
            customer, order = _unguarded(customer), _unguarded(order)
        if not customer:
            skipped["no_customer"] += 1
            return None
        if not order:
            raise Rejected("no_order", "order_id")
        if len(order) > 64 or len(customer) > 254:
            raise Rejected("long_text", "order_id" if len(order) > 64 else "customer_id")
        if not (customer.isascii() and order.isascii()):
            customer, order = unicodedata.normalize("NFKC", customer), unicodedata.normalize("NFKC", order)
        try:
            moment = moments(row[date_at])
        except Rejected as bad:
            raise Rejected(bad.reason, "ordered_at") from None
        try:
            amount = number(row[amount_at])
        except Rejected as bad:
            raise Rejected(bad.reason, "amount") from None
        made = (line, customer, order, moment, amount, kind is values.REFUND, *extra(row))
        return made if lines is None else made + lines(row)

    return record


def _unguarded(text: str) -> str:
    """Takes off the one apostrophe that a download sets before what would be a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def _kind(text: str) -> str:
    kind = values.KINDS.get(text) or values.KINDS.get(text.strip().lower())
    if kind is None:
        raise Rejected("kind", "kind")
    return kind


def _extra(at: dict[str, int | None]) -> Callable[[list[str]], Row]:
    """Refund_of and country; most files have neither."""
    refund_at, country_at = at["refund_of"], at["country"]
    if refund_at is None and country_at is None:
        return lambda row: (None, None)
    return lambda row: (_short(row, refund_at, "refund_of"), _short(row, country_at, "country"))


def _short(row: list[str], at: int | None, name: str) -> str | None:
    if at is None:
        return None
    text = _unguarded(row[at].strip())
    if len(text) > LENGTHS[name]:
        raise Rejected("long_text", name)
    return text or None


def _lines(at: dict[str, int | None], number: Callable[[str], str]) -> Callable[[list[str]], Row]:
    def read(row: list[str]) -> Row:
        texts = tuple(_line_text(row, at[name], name) for name in LINE_LENGTHS)
        return (*texts, *(_line_number(row, at[name], name, number) for name in LINE_FIELDS[3:]))

    return read


def _line_text(row: list[str], at: int | None, name: str) -> str | None:
    text = _unguarded(row[at].strip()) if at is not None else ""
    if len(text) > LINE_LENGTHS[name]:
        raise Rejected("long_text", name)
    return text or None


def _line_number(row: list[str], at: int | None, name: str, number: Callable[[str], str]) -> str | None:
    text = row[at].strip() if at is not None else ""
    if not text:
        return None
    try:
        found = number(text)
    except Rejected as bad:
        raise Rejected(bad.reason, name) from None
    if name == "line_quantity" and len(found.partition(".")[0].lstrip("-")) > 9:
        raise Rejected("large_amount", name)
    return found
