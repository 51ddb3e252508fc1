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
ODD = "'"  # set by a download before what would be a formula
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
    """Good rows written as CSV for COPY (a list of them would keep the garbage collector busy), and the bad ones."""

    text: str
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
            raise _wrong_encoding(path, encoding) from None


def _wrong_encoding(path: Path, encoding: str) -> Refused:
    return Refused("encoding", line=files.first_line_not_in(path, encoding), encoding=encoding.upper())


def settle(mapping: Mapping, path: Path) -> Mapping:
    """Turns "find out" into what the first rows say."""
    with files.text(path, mapping.encoding) as source:
        try:
            sample = [row for _line, row in itertools.islice(_records(source, mapping), SAMPLE_ROWS)]
        except UnicodeError:
            raise _wrong_encoding(path, mapping.encoding) from None
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
            try:
                while chunk := self._chunk(itertools.islice(records, CHUNK)):
                    yield chunk
            except UnicodeError:
                raise _wrong_encoding(self.path, self.mapping.encoding) from None
        if not self.rows_seen:
            raise Refused("header_only")

    def _chunk(self, batch: Iterator[tuple[int, list[str]]]) -> Chunk | None:
        buffer, rejected, line, before = io.StringIO(), [], 0, self.rows_seen
        write, width, record, has_nul = csv.writer(buffer).writerow, len(self.mapping.header), self.record, self.has_nul
        for line, row in batch:
            self.rows_seen += 1
            try:
                if len(row) != width:
                    row = _fitted(row, width)
                if has_nul:
                    _check_nul(row, self.mapping)
                made = record(line, row)
                if made:
                    write(made)
            except Rejected as bad:
                rejected.append(self._bad(line, row, bad))
        return Chunk(buffer.getvalue(), rejected, line) if self.rows_seen > before else None

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
    # What nearly every cell is, asked here instead of two calls deeper: a million rows feel it.
    plain = values.PLAIN.fullmatch if mapping.decimal == "point" else lambda text: None
    days, clocks = moments.days, moments.clocks

    def record(line: int, row: list[str]) -> Row | None:
        kind = values.SALE if kind_at is None else _kind(row[kind_at])
        if kind is values.ADJUSTMENT:
            skipped["adjustment"] += 1
            return None
        customer, order, moment, amount = row[customer_at].strip(), row[order_at].strip(), row[date_at], row[amount_at]
        if not customer:
            skipped["no_customer"] += 1
            return None
        if len(order) > 64 or len(customer) > 254 or not order:
            raise Rejected("long_text" if order else "no_order", "order_id" if len(customer) <= 254 else "customer_id")
        if customer[0] in ODD or order[0] in ODD or not (customer.isascii() and order.isascii()):
            customer, order = _normal(customer), _normal(order)
        day, _, clock = moment.partition(" ")
        try:
            moment = days[day] + clocks[clock]
        except KeyError:
            moment = _or_rejected(moments, moment, "ordered_at")
        if not plain(amount):
            amount = _or_rejected(number, amount, "amount")
        made = (line, customer, order, moment, amount, kind is values.REFUND)
        made += extra(row) if extra else (None, None)
        return made + lines(row) if lines else made

    return record


def _or_rejected(read: Callable[[str], str], text: str, field: str) -> str:
    try:
        return read(text)
    except Rejected as bad:
        raise Rejected(bad.reason, field) from None


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", _unguarded(text))


def _unguarded(text: str) -> str:
    """Takes off the one apostrophe that a download sets before what would be a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def _kind(text: str) -> str:
    kind = values.KINDS.get(text) or values.KINDS.get(text.strip().lower())
    if kind is None:
        raise Rejected("kind", "kind")
    return kind


def _extra(at: dict[str, int | None]) -> Callable[[list[str]], Row] | None:
    """Refund_of and country; most files have neither."""
    refund_at, country_at = at["refund_of"], at["country"]
    if refund_at is None and country_at is None:
        return None
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
    found = _or_rejected(number, text, name)
    if name == "line_quantity" and len(found.partition(".")[0].lstrip("-")) > 9:
        raise Rejected("large_amount", name)
    return found
