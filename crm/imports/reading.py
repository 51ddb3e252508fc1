"""The rows of a file, one by one: good ones as tuples for the staging table, bad ones with line, column and reason."""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from crm.imports import columns, files, values
from crm.imports.cells import Table
from crm.imports.columns import CONTROL, Mapping
from crm.imports.reasons import Refused, Rejected
from crm.imports.sheets import Sheet

SAMPLE_ROWS = 2_000
CHUNK = 20_000  # rows written to the database at one go
BLOCK = 500  # lines, then rows, read at one go
CELL_LIMIT = 131_072  # the csv module's own
MOST, SHORT = 300, 500  # cells and their letters that are kept beside a reason; the file has the rest
NAMES_THE_SEPARATOR = re.compile(r'"?sep=.?"?\s*', re.IGNORECASE)  # a line for Excel, above the header

Record: TypeAlias = tuple[int, list[str]]  # line, cells


class Bad(NamedTuple):
    line: int
    column: str
    reason: str
    cells: list[str]


class Broken(list[str]):
    """A row that cannot be taken apart: no cells, but a reason, and the line cut at each separator."""

    def __init__(self, reason: str, cells: list[str]) -> None:
        super().__init__()
        self.reason, self.cells = reason, cells


class Chunk(NamedTuple):
    """Good rows as COPY reads them, and the bad ones."""

    text: str
    columns: list[str]
    rejected: list[Bad]
    line: int


def prepare(path: Path, found: files.Look, kind: str = "", sheet: Sheet | None = None) -> Mapping:
    """The mapping as far as the header tells."""
    line = header_line(path, found.encoding)
    if not sheet:
        return columns.guess(line, found.encoding, kind)
    mapping = columns.guess(line, "utf-8", kind, delimiters=[","])
    mapping.sheet, mapping.first = sheet.name, sheet.first
    return mapping


def header_line(path: Path, encoding: str) -> str:
    """The first line with something in it, with those that a quote in it goes on to."""
    with files.text(path, encoding) as source:
        try:
            first = next((line for line in _lines(source) if not _is_above(line)), "")
            whole = first
            while whole.count('"') % 2 and len(whole) < CELL_LIMIT and (more := source.readline(CELL_LIMIT)):
                whole += more
        except UnicodeError:
            raise _wrong_encoding(path, encoding) from None
    return first if whole.count('"') % 2 else whole


def _lines(source: io.TextIOWrapper) -> Iterator[str]:
    """None longer than that, whatever the file is."""
    return iter(partial(source.readline, CELL_LIMIT), "")


def _is_above(line: str) -> bool:
    return not line.strip(' \t\r\n";,|') or bool(NAMES_THE_SEPARATOR.fullmatch(line))


def _wrong_encoding(path: Path, encoding: str) -> Refused:
    return Refused("encoding", line=files.first_line_not_in(path, encoding), encoding=encoding.upper())


def settle(mapping: Mapping, path: Path) -> Mapping:
    """Turns "find out" into what the first rows say."""
    with files.text(path, mapping.encoding) as source:
        try:
            sample = [row for _line, row in itertools.islice(rows_of(source, mapping), SAMPLE_ROWS)]
        except UnicodeError:
            raise _wrong_encoding(path, mapping.encoding) from None
    if mapping.dates == "auto":
        mapping.dates = values.date_order(_cells(sample, mapping, mapping.kind_of_file.dates))
    if mapping.decimal == "auto":
        mapping.decimal = values.decimal_mark(_cells(sample, mapping, mapping.kind_of_file.numbers))
    return mapping


def _cells(sample: list[list[str]], mapping: Mapping, names: tuple[str, ...]) -> list[str]:
    places = [at for name in names if (at := mapping.index_of(name)) is not None]
    return [row[at] for at in places for row in sample if len(row) > at]


class Reader:
    """Reads a file by a mapping. `skipped` counts what was left out on purpose, by reason."""

    def __init__(self, path: Path, mapping: Mapping, *, today: date, has_nul: bool = False) -> None:
        self.path, self.mapping, self.has_nul = path, mapping, has_nul
        self.skipped: Counter[str] = Counter()
        self.rows_seen = 0
        self.table = Table(mapping, today)

    def chunks(self) -> Iterator[Chunk]:
        with files.text(self.path, self.mapping.encoding) as source:
            records = rows_of(source, self.mapping)
            try:
                while chunk := self._chunk(itertools.islice(records, CHUNK)):
                    yield chunk
            except UnicodeError:
                raise _wrong_encoding(self.path, self.mapping.encoding) from None
        if not self.rows_seen:
            raise Refused("header_only")

    def _chunk(self, records: Iterator[Record]) -> Chunk | None:
        good, rejected, line = list[str](), list[Bad](), 0
        while block := [*itertools.islice(records, BLOCK)]:
            self.rows_seen += len(block)
            line = block[-1][0]
            self._take(block, good, rejected)
        return Chunk("\n".join([*good, ""]), self.table.columns, rejected, line) if line else None

    def _take(self, block: list[Record], good: list[str], rejected: list[Bad]) -> None:
        """All rows at once, or, when something is wrong with one of them, half by half until it stands alone."""
        try:
            lines, rows = zip(*block, strict=True)
            made, skipped = self.table.take(lines, self._fitted(rows))
        except Rejected as bad:
            if len(block) == 1:
                rejected.append(self._bad(*block[0], bad))
                return
            middle = len(block) // 2
            self._take(block[:middle], good, rejected)
            self._take(block[middle:], good, rejected)
        else:
            good.extend(made)
            self.skipped.update(skipped)

    def _fitted(self, rows: Sequence[list[str]]) -> Sequence[list[str]]:
        header = self.mapping.header
        if {*map(len, rows)} != {len(header)}:
            rows = [_fitted(row, header) for row in rows]
        if self.has_nul:
            for row in rows:
                _check_nul(row, self.mapping)
        return rows

    def _bad(self, line: int, row: list[str], bad: Rejected) -> Bad:
        column = self.mapping.columns.get(bad.field, bad.field)
        cells = [CONTROL.sub("", cell)[:SHORT] for cell in as_it_came(row)[:MOST]]
        return Bad(line, column[:200], bad.reason, cells)


def _fitted(row: list[str], header: list[str]) -> list[str]:
    """Empty cells at the end, too many or too few, are an exporter's habit; anything else is not for us to guess."""
    if isinstance(row, Broken):
        raise Rejected(row.reason)
    missing = len(header) - len(row)
    if not missing:
        return row
    if missing < 0 and not any(row[missing:]):
        return row[:missing]
    if missing > 0 and not any(header[-missing:]):
        return row + [""] * missing
    raise Rejected("cells")


def _check_nul(row: list[str], mapping: Mapping) -> None:
    for at, cell in enumerate(row):
        if "\0" in cell:
            raise Rejected("nul", mapping.header[at].replace("\0", ""))


def as_it_came(row: list[str]) -> list[str]:
    return row.cells if isinstance(row, Broken) else row


def rows_of(source: Iterable[str], mapping: Mapping) -> Iterator[Record]:
    """(line, cells) below the header; instead of the cells a reason when the row cannot be read at all."""
    if mapping.sheet:
        yield from _rows(csv.reader(source, delimiter=mapping.delimiter, strict=True), mapping.first)
        return
    records = itertools.chain.from_iterable(_blocks(iter(source), mapping.delimiter))
    for line, row in records:
        if isinstance(row, Broken):
            yield line, row
            break
        if not _is_above(mapping.delimiter.join(row)):
            break
    yield from records


def _blocks(lines: Iterator[str], delimiter: str) -> Iterator[list[Record]]:
    """Rows with something in them. Without a quote each line is a row, and many are taken apart at one go."""
    begins = 1
    while some := [*itertools.islice(lines, BLOCK)]:
        block = None if '"' in "".join(some) else _at_once(some, delimiter, begins)
        ends = begins + len(some)
        if block is None:
            block, ends = _one_by_one(itertools.chain(some, lines), delimiter, begins, len(some))
        yield block
        begins = ends


def _at_once(some: list[str], delimiter: str, begins: int) -> list[Record] | None:
    try:
        rows = [*csv.reader(some, delimiter=delimiter, strict=True)]
    except csv.Error:
        return None
    return [record for record in enumerate(rows, begins) if record[1]] if len(rows) == len(some) else None


def _one_by_one(lines: Iterator[str], delimiter: str, begins: int, enough: int) -> tuple[list[Record], int]:
    """These many lines, and those that a quote goes on to; then also the number of the line after them."""
    last, before, block = [""], begins - 1, list[Record]()

    def told() -> Iterator[str]:
        for last[0] in lines:
            yield last[0]

    reader = csv.reader(told(), delimiter=delimiter, strict=True)
    while reader.line_num < enough:
        try:
            row = next(reader)
        except csv.Error as error:
            cells = last[0].rstrip("\r\n").split(delimiter)
            row = Broken(_what_broke(error, begins, before + reader.line_num), cells)
        except StopIteration:
            break
        if row or isinstance(row, Broken):
            block.append((begins, row))
        begins = before + reader.line_num + 1
    return block, begins


def _rows(reader: Iterator[list[str]], first: int) -> Iterator[Record]:
    """Of a sheet: a row is a row, however many lines its cells hold."""
    return ((number, row) for number, row in enumerate(reader, first) if row and number > first)


def _what_broke(error: csv.Error, begins: int, ends: int) -> str:
    """One line is rejected by itself. A quote that swallowed further lines makes the rest of the file guesswork."""
    too_long = "field larger" in str(error)
    if ends > begins and too_long:
        raise Refused("long_cell", line=begins)
    if ends > begins or "unexpected end" in str(error):
        raise Refused("quotes", line=begins)
    return "long_cell" if too_long else "quotes"
