"""NumPy columns → the bytes of PostgreSQL's binary COPY, without a loop over rows.

A row is: number of fields, then for each its length and its bytes. Rows without NULLs and arrays have one width,
so they are one structured array; NULLs cut bytes out of it, series of values are scattered into a buffer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TRAILER = b"\xff\xff"
CHUNK = 4_000  # rows turned into bytes at once: what the processor's cache holds

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint32]

POSTGRES_DAY = 730_120  # date(2000, 1, 1).toordinal()

WIDTHS = {"bigint": 8, "integer": 4, "smallint": 2, "double": 8, "date": 4, "boolean": 1}

TYPES = {
    "bigint": ">i8",
    "integer": ">i4",
    "smallint": ">i2",
    "double": ">f8",
    "date": ">i4",
    "boolean": "?",
}


@dataclass(frozen=True)
class Field:
    """kind as in WIDTHS, "money" or "text". `null`: where the value stands for NULL, or None."""

    name: str
    kind: str
    values: Any
    null: NDArray[np.bool_] | None = None


def rows(parts: Iterable[list[Field]]) -> Iterator[bytes]:
    """Everything COPY wants, in pieces. parts: the same fields, of some rows after the others."""
    yield HEADER
    for fields in parts:
        for first in range(0, fields[0].values.size, CHUNK):
            part = slice(first, first + CHUNK)
            yield _chunk([_cut(field, part) for field in fields])
    yield TRAILER


def _cut(field: Field, part: slice) -> Field:
    null = None if field.null is None else field.null[part]
    return Field(field.name, field.kind, field.values[part], null)


def _chunk(fields: list[Field]) -> bytes:
    size = fields[0].values.size
    encoded = [_encoded(field) for field in fields]
    row = np.empty(size, dtype=_row_type(fields, encoded))
    row["fields"] = len(fields)
    for field, values in zip(fields, encoded, strict=True):
        row[f"length of {field.name}"] = _lengths(field, values)
        row[field.name] = values
    if not any(_cuts(field) for field in fields):
        return row.tobytes()
    cells = row.view(np.uint8).reshape(size, -1)
    keep = np.ones(cells.shape, dtype=bool)
    for field in filter(_cuts, fields):
        begin = row.dtype.fields[field.name][1]
        end = begin + row.dtype[field.name].itemsize
        if field.kind == "text":
            keep[:, begin:end] = cells[:, begin:end] != 0
        if field.null is not None:
            keep[field.null, begin:end] = False
    return cells[keep].tobytes()


def _row_type(fields: list[Field], encoded: list[Any]) -> np.dtype[Any]:
    parts: list[Any] = [("fields", ">i2")]
    for field, values in zip(fields, encoded, strict=True):
        kind = TYPES.get(field.kind) or (values.dtype, values.shape[1:])
        parts += [(f"length of {field.name}", ">i4"), (field.name, kind)]
    return np.dtype(parts)


def _cuts(field: Field) -> bool:
    return field.null is not None or field.kind == "text"


def _lengths(field: Field, values: Any) -> Any:
    text = field.kind == "text"
    lengths: Any = np.char.str_len(values) if text else WIDTHS.get(field.kind) or values[0].nbytes
    return lengths if field.null is None else np.where(field.null, -1, lengths)


def _encoded(field: Field) -> Any:
    """What stands where NULL is does not matter, as long as it is a number."""
    if field.kind == "text":
        return field.values
    if field.kind == "money":
        return _money(_filled(field))
    values = field.values if field.kind == "double" else _filled(field)
    return values - POSTGRES_DAY if field.kind == "date" else values


def _filled(field: Field) -> NDArray[np.int64]:
    values = field.values if field.null is None else np.where(field.null, 0, field.values)
    return values.astype(np.int64)


def _money(thousandths: NDArray[np.int64]) -> Any:
    """numeric(18,3): as many groups of four digits before the point as the longest needs, one behind."""
    rest = np.abs(thousandths)
    highest = int(rest.max(initial=0)) // 1000
    groups = 1 + sum(highest >= 10_000**power for power in (1, 2, 3))
    encoded = np.empty((5 + groups, thousandths.size), dtype=">i2")
    encoded[0] = groups + 1
    encoded[1] = groups - 1  # weight of the first
    encoded[2] = np.where(thousandths < 0, 0x4000, 0)
    encoded[3] = 3  # digits behind the point
    whole = rest // 1000  # and not divmod, which divides one by one
    encoded[-1] = (rest - whole * 1000) * 10
    for group in range(groups + 3, 3, -1):
        higher = whole // 10_000
        encoded[group] = whole - higher * 10_000
        whole = higher
    return np.ascontiguousarray(encoded.T)


# ---- one row per customer, with many values ------------------------------------------------------


@dataclass(frozen=True)
class Series:
    """A column of many values a row, those of all rows one after the other; kind: the PostgreSQL type of one.

    In an array of PostgreSQL or, packed, as bare bytes in a bytea: those are taken in ten times as fast.
    """

    kind: str
    values: Any
    packed: bool = False

    @property
    def head(self) -> int:
        """Words in front of the elements: the length, and what an array says about itself."""
        return 1 if self.packed else 6

    @property
    def each(self) -> int:
        """Words of one element; in an array its length stands before it."""
        return WIDTHS[self.kind] // 4 + (not self.packed)


OIDS = {"bigint": 20, "integer": 23, "date": 1082}


def rows_with_series(keys: Any, sizes: Any, columns: list[Series]) -> Iterator[bytes]:
    """keys: bigint, one a row; sizes: elements of every series of the row, at least 1."""
    yield HEADER
    ends = np.cumsum(sizes)
    for first in range(0, keys.size, CHUNK):
        part = slice(first, min(first + CHUNK, keys.size))
        begin = ends[first] - sizes[first]
        elements = slice(begin, ends[part.stop - 1])
        cut = [replace(column, values=column.values[elements]) for column in columns]
        yield _series_chunk(keys[part], sizes[part], cut)
    yield TRAILER


def _series_chunk(keys: Any, sizes: Any, columns: list[Series]) -> bytes:
    """Everything but the number of fields is made of words of four bytes; so it gets two more, cut away at last."""
    lengths = [column.head + sizes * column.each for column in columns]
    length = 4 + sum(lengths)
    start = np.cumsum(length) - length
    words = np.empty(int(length.sum()), dtype=np.uint32)
    for place, word in enumerate((1 + len(columns), 8, (keys >> 32) & 0xFFFFFFFF, keys & 0xFFFFFFFF)):
        words[start + place] = word
    at = start + 4
    number = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    for column, length in zip(columns, lengths, strict=True):
        _put_head(words, at, column, sizes, 4 * (length - 1))
        _put_elements(words, np.repeat(at + column.head, sizes) + number * column.each, column)
        at = at + length
    halves = words.byteswap(inplace=True).view(np.uint16)
    keep = np.ones(halves.size, dtype=bool)
    keep[2 * start] = False
    return halves[keep].tobytes()


def _put_head(words: Words, at: Any, column: Series, sizes: Any, length: Any) -> None:
    """Length; of an array also its dimensions, no NULLs, the element's type, elements, lower bound."""
    for place, word in enumerate((length, 1, 0, OIDS[column.kind], sizes, 1)[: column.head]):
        words[at + place] = word


def _put_elements(words: Words, at: Any, column: Series) -> None:
    values = column.values - POSTGRES_DAY if column.kind == "date" else column.values
    if not column.packed:
        words[at] = WIDTHS[column.kind]
        at = at + 1
    if column.kind == "bigint":
        words[at] = (values >> 32) & 0xFFFFFFFF
        at = at + 1
    words[at] = values.astype(np.uint32)  # its lower half
