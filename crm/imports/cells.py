"""Cells into what the staging table holds, a column of many rows at a time: a million steps in Python are slow, a
thousand steps over a column each are not.

One wrong cell raises Rejected for its whole column. Who wants to know the row asks again with fewer rows, down to one.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import compress
from typing import Any

from crm.imports import values
from crm.imports.columns import Mapping
from crm.imports.kinds import Cells, Read
from crm.imports.reasons import Rejected

FORMULA = {"=", "+", "-", "@", "\t", "\r", "\n"}
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
ERRORS = {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
ODD = "'"  # set by a download before what would be a formula


class Table:
    """What becomes of the cells of one file. The columns are read in the order in which faults of a row are named."""

    def __init__(self, mapping: Mapping, today: date) -> None:
        self.mapping, self.kind = mapping, mapping.kind_of_file
        self.reads = [
            (staged, at)
            for staged in self.kind.staged(mapping, today)
            if (at := mapping.index_of(staged.field)) is not None
        ]
        self.columns = ["line", *(staged.column for staged, _at in self.reads)]

    def take(self, lines: Sequence[int], rows: Sequence[list[str]]) -> tuple[Iterator[str], Counter[str]]:
        """Lines of COPY for the staging table, and how many rows are left out on purpose, by reason."""
        reasons = self.kind.left_out(self.mapping, rows)
        if any(reasons):
            keep = [not reason for reason in reasons]
            lines, rows = [*compress(lines, keep)], [*compress(rows, keep)]
        columns = list(zip(*rows, strict=True))
        read = [column_of(one.field, columns[at], one.read) for one, at in self.reads] if rows else []
        copied = zip(map(str, lines), *map(_copied, read), strict=True)
        return map("\t".join, copied), Counter(filter(None, reasons))


def column_of(field: str, cells: Cells, read: Read) -> Sequence[Any]:
    together = "".join(cells)
    try:
        if "#" in together and not ERRORS.isdisjoint(map(str.strip, cells)):
            raise Rejected("error_cell")
        return read(bare(cells) if ODD in together else cells)
    except Rejected as bad:
        raise Rejected(bad.reason, field) from None


def _copied(column: Sequence[Any]) -> Cells:
    """As COPY wants it: as text, without what it would take for the end of a cell or row."""
    texts = [*map(str, column)]
    together = "".join(texts)
    if any(mark in together for mark in "\\\t\n\r"):
        return [text.translate(ESCAPES) for text in texts]
    return texts


def texts(limit: int, tidy: Callable[[str], str] = str, *, missing: str = "") -> Read:
    """Trimmed, no longer than that; an empty one is no text, or the fault that `missing` names."""

    def read(cells: Cells) -> list[str]:
        texts = [*map(str.strip, cells)]
        if missing and not all(texts):
            raise Rejected(missing)
        if tidy is not str and not "".join(texts).isascii():
            texts = [*map(tidy, texts)]
        if max(map(len, texts)) > limit:
            raise Rejected("long_text")
        return texts

    return read


def key(text: str) -> str:
    """However it is written, the same number is the same customer or order."""
    return unicodedata.normalize("NFKC", text)


def bare(cells: Cells) -> list[str]:
    """Without the one apostrophe that a download sets before what would be a formula; another one stays."""
    return [text[1:] if text[:1] == ODD and text[1:2] in FORMULA else text for text in map(str.strip, cells)]


def numbers_if_any(numbers: values.Numbers, digits: int = 12) -> Read:
    def read(cells: Cells) -> list[str]:
        texts = [*map(str.strip, cells)]
        found = [*numbers.column(texts)] if all(texts) else [numbers(text) if text else "" for text in texts]
        if any(len(number.partition(".")[0].lstrip("-")) > digits for number in found):
            raise Rejected("large_amount")
        return found

    return read
