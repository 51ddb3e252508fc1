"""Cells into what the staging table holds, a column of many rows at a time: a million steps in Python are slow, a
thousand steps over a column each are not.

One wrong cell raises Rejected for its whole column. Who wants to know the row asks again with fewer rows, down to one.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import compress
from typing import Any, TypeAlias

from crm.imports import values
from crm.imports.columns import Mapping
from crm.imports.reasons import Rejected

FORMULA = ("=", "+", "-", "@")
ODD = "'"  # set by a download before what would be a formula

Cells: TypeAlias = Sequence[str]
Read: TypeAlias = Callable[[Cells], Sequence[Any]]


class Table:
    """What becomes of the cells of one file. The columns are read in the order in which faults of a row are named."""

    def __init__(self, mapping: Mapping, today: date) -> None:
        fields = _fields(values.Moments(mapping.dates, today), values.Numbers(mapping.decimal))
        known = [(name, at) for name in fields if (at := mapping.index_of(name)) is not None]
        self.reads = [(name, at, fields[name][1]) for name, at in known]
        self.columns = ["line", *(fields[name][0] for name, _at in known)]
        self.kind_at, self.customer_at = mapping.index_of("kind"), mapping.index_of("customer_id")

    def take(self, lines: Sequence[int], rows: Sequence[list[str]]) -> tuple[Iterator[Any], Counter[str]]:
        """Rows for the staging table, and how many are left out on purpose, by reason."""
        reasons = self._left_out(rows)
        if any(reasons):
            keep = [not reason for reason in reasons]
            lines, rows = [*compress(lines, keep)], [*compress(rows, keep)]
        columns = list(zip(*rows, strict=True))
        read = [self._read(name, columns[at], read) for name, at, read in self.reads] if rows else []
        return zip(lines, *read, strict=True), Counter(filter(None, reasons))

    def _left_out(self, rows: Sequence[list[str]]) -> list[str]:
        at = self.customer_at
        reasons = ["" if row[at].strip() else "no_customer" for row in rows]
        if self.kind_at is not None:
            kinds = self._read("kind", [row[self.kind_at] for row in rows], _kinds)
            if values.ADJUSTMENT in kinds:
                pairs = zip(kinds, reasons, strict=True)
                return ["adjustment" if kind is values.ADJUSTMENT else reason for kind, reason in pairs]
        return reasons

    def _read(self, name: str, cells: Cells, read: Read) -> Sequence[Any]:
        try:
            return read(cells)
        except Rejected as bad:
            raise Rejected(bad.reason, name) from None


def _fields(moments: values.Moments, numbers: values.Numbers) -> dict[str, tuple[str, Read]]:
    """Our name of a column → its name in the staging table, and how its cells are read."""
    return {
        "kind": ("refund", lambda cells: [kind is values.REFUND for kind in _kinds(cells)]),
        "customer_id": ("customer", _texts(254, _key)),
        "order_id": ("reference", _texts(64, _key, missing="no_order")),
        "ordered_at": ("placed_at", moments.column),
        "amount": ("amount", numbers.column),
        "refund_of": ("refund_of", _texts(64, _key)),
        "country": ("country", _texts(80)),
        "line_sku": ("sku", _texts(64)),
        "line_name": ("name", _texts(200)),
        "line_category": ("category", _texts(120)),
        "line_quantity": ("quantity", _numbers_if_any(numbers, digits=9)),
        "line_amount": ("line_amount", _numbers_if_any(numbers)),
    }


def _kinds(cells: Cells) -> list[str]:
    try:
        return [values.KINDS[cell.strip().lower()] for cell in cells]
    except KeyError:
        raise Rejected("kind") from None


def _texts(limit: int, tidy: Callable[[str], str] | None = None, *, missing: str = "") -> Read:
    """Trimmed, no longer than that; an empty one is no text, or the fault that `missing` names."""
    tidy = tidy or _unguarded

    def read(cells: Cells) -> list[str]:
        texts = [*map(str.strip, cells)]
        if missing and not all(texts):
            raise Rejected(missing)
        together = "".join(texts)
        if ODD in together or not together.isascii():
            texts = [*map(tidy, texts)]
        if max(map(len, texts)) > limit:
            raise Rejected("long_text")
        return texts

    return read


def _key(text: str) -> str:
    """However it is written, the same number is the same customer or order."""
    return unicodedata.normalize("NFKC", _unguarded(text))


def _unguarded(text: str) -> str:
    """Takes off the one apostrophe that a download sets before what would be a formula."""
    return text[1:] if text[:1] == ODD and text[1:2] in FORMULA else text


def _numbers_if_any(numbers: values.Numbers, digits: int = 12) -> Read:
    def read(cells: Cells) -> list[str]:
        texts = [*map(str.strip, cells)]
        found = [*numbers.column(texts)] if all(texts) else [numbers(text) if text else "" for text in texts]
        if any(len(number.partition(".")[0].lstrip("-")) > digits for number in found):
            raise Rejected("large_amount")
        return found

    return read
