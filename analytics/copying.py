"""NumPy columns → the bytes of PostgreSQL's binary COPY, without a loop over rows.

A row is: number of fields, then for each its length and its bytes. Rows without NULLs and arrays have one width,
so they are one structured array; NULLs cut bytes out of it, arrays are scattered into a buffer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TRAILER = b"\xff\xff"
CHUNK = 4_000  # rows turned into bytes at once: what the processor's cache holds

Bytes = NDArray[np.uint8]

POSTGRES_DAY = 730_120  # date(2000, 1, 1).toordinal()

WIDTHS = {"bigint": 8, "integer": 4, "smallint": 2, "double": 8, "date": 4, "money": 8 + 2 * 6, "text": 0}


@dataclass(frozen=True)
class Field:
    """kind as in WIDTHS. `null`: where the value stands for NULL, or None."""

    name: str
    kind: str
    values: Any
    null: NDArray[np.bool_] | None = None


def rows(fields: list[Field]) -> Iterator[bytes]:
    """Everything COPY wants, in pieces."""
    yield HEADER
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
    width = 2 + sum(4 + part.shape[1] for part in encoded)
    row = np.empty((size, width), dtype=np.uint8)
    row[:, :2] = np.frombuffer(np.array(len(fields), dtype=">i2").tobytes(), dtype=np.uint8)
    keep = np.ones((size, width), dtype=bool) if any(_cuts(field) for field in fields) else None
    at = 2
    for field, data in zip(fields, encoded, strict=True):
        end = at + 4 + data.shape[1]
        row[:, at : at + 4] = _lengths(field, data)
        row[:, at + 4 : end] = data
        if keep is not None and _cuts(field):
            keep[:, at + 4 : end] = _kept(field, data)
        at = end
    return row.tobytes() if keep is None else row[keep].tobytes()


def _cuts(field: Field) -> bool:
    return field.null is not None or field.kind == "text"


def _kept(field: Field, data: Bytes) -> NDArray[np.bool_]:
    kept = data != 0 if field.kind == "text" else np.ones(data.shape, dtype=bool)
    if field.null is not None:
        kept[field.null] = False
    return kept


def _lengths(field: Field, data: Bytes) -> Bytes:
    lengths = np.full(len(data), data.shape[1], dtype=">i4")
    if field.kind == "text":
        lengths[:] = (data != 0).sum(axis=1)
    if field.null is not None:
        lengths[field.null] = -1
    return lengths.view(np.uint8).reshape(-1, 4)


def _encoded(field: Field) -> Bytes:
    """The bytes of one column, shape (rows, width); what stands where NULL is does not matter."""
    values = field.values
    if field.kind == "text":
        return np.ascontiguousarray(values).view(np.uint8).reshape(values.size, -1)
    if field.kind == "money":
        return _money(_filled(field))
    kind = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2", "double": ">f8", "date": ">i4"}[field.kind]
    if field.kind == "date":
        values = values - POSTGRES_DAY
    return values.astype(kind).view(np.uint8).reshape(values.size, -1)


def _filled(field: Field) -> NDArray[np.int64]:
    values = field.values if field.null is None else np.where(field.null, 0, field.values)
    return values.astype(np.int64)


def _money(thousandths: NDArray[np.int64]) -> Bytes:
    """numeric(18,3): five groups of four digits before the point, one behind; leading zeros are allowed."""
    encoded = np.zeros((thousandths.size, 10), dtype=">i2")
    encoded[:, 0] = 6  # groups of digits
    encoded[:, 1] = 4  # weight of the first
    encoded[:, 2] = np.where(thousandths < 0, 0x4000, 0)
    encoded[:, 3] = 3  # digits behind the point
    rest = np.abs(thousandths)
    whole, part = np.divmod(rest, 1000)
    encoded[:, 9] = part * 10
    for group in range(8, 3, -1):
        whole, encoded[:, group] = np.divmod(whole, 10_000)
    return np.ascontiguousarray(encoded).view(np.uint8).reshape(thousandths.size, 20)


# ---- one row per customer, with arrays ------------------------------------------------------------


@dataclass(frozen=True)
class Arrays:
    """One array column: the values of all rows one after the other; element: its PostgreSQL type."""

    kind: str
    values: Any


OIDS = {"bigint": 20, "integer": 23, "date": 1082}


def rows_with_arrays(keys: Any, sizes: Any, columns: list[Arrays]) -> Iterator[bytes]:
    """keys: bigint, one a row; sizes: elements of every array of the row, at least 1."""
    yield HEADER
    ends = np.cumsum(sizes)
    for first in range(0, keys.size, CHUNK):
        part = slice(first, min(first + CHUNK, keys.size))
        begin = ends[first] - sizes[first]
        elements = slice(begin, ends[part.stop - 1])
        cut = [Arrays(column.kind, column.values[elements]) for column in columns]
        yield _array_chunk(keys[part], sizes[part], cut)
    yield TRAILER


def _array_chunk(keys: Any, sizes: Any, columns: list[Arrays]) -> bytes:
    widths = [4 + WIDTHS[column.kind] for column in columns]
    bodies = [20 + sizes * width for width in widths]
    length = 2 + 12 + sum(4 + body for body in bodies)
    offset = np.cumsum(length) - length
    buffer = np.zeros(int(length.sum()), dtype=np.uint8)
    _put(buffer, offset, _big(np.full(keys.size, 1 + len(columns)), ">i2"))
    _put(buffer, offset + 2, _big(np.full(keys.size, 8), ">i4"))
    _put(buffer, offset + 6, _big(keys, ">i8"))
    at = offset + 14
    place = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    for column, width, body in zip(columns, widths, bodies, strict=True):
        _put(buffer, at, _array_heads(column, sizes, body))
        element = np.concatenate(
            [_big(np.full(place.size, width - 4), ">i4"), _encoded(Field("", column.kind, column.values))], axis=1
        )
        _put(buffer, np.repeat(at + 24, sizes) + place * width, element)
        at = at + 4 + body
    return buffer.tobytes()


def _array_heads(column: Arrays, sizes: Any, body: Any) -> Bytes:
    """Length, dimensions, no NULLs, element type, elements, lower bound."""
    ones = np.ones(sizes.size, dtype=np.int64)
    parts = (body, ones, 0 * ones, OIDS[column.kind] * ones, sizes, ones)
    return np.concatenate([_big(part, ">i4") for part in parts], axis=1)


def _big(values: Any, kind: str) -> Bytes:
    return np.asarray(values).astype(kind).view(np.uint8).reshape(len(values), -1)


def _put(buffer: Bytes, at: Any, data: Bytes) -> None:
    buffer[at[:, None] + np.arange(data.shape[1])] = data
