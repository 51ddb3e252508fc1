"""The rejected rows as a file: line, column and reason, then the row as it stands in the file, to be put right and
imported again."""

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.imports import files, reading
from crm.imports.columns import ADDED, without_added
from crm.imports.reasons import rejection_in_words
from crm.models import Import, RejectedRow
from shop.spreadsheets import MARK, harmless

NUMBER = re.compile(r"[-+]?\d[\d., \u00a0]*")
FLUSH = 64 * 1024


def guarded(cell: object) -> object:
    """A number stays one, also below nothing."""
    return cell if isinstance(cell, str) and NUMBER.fullmatch(cell) else harmless(cell)


def rejected_csv(order_import: Import) -> Iterator[str]:
    buffer = io.StringIO(MARK)
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    header = order_import.mapping.get("header", [])
    own = without_added(header)  # it may be such a download itself
    writer.writerow([*map(_, ADDED), *map(guarded, own)])
    for bad, row in _as_they_came(order_import):
        cells = [bad.line, bad.column, rejection_in_words(bad.reason), *row[len(header) - len(own) :]]
        writer.writerow(map(guarded, cells))
        if buffer.tell() > FLUSH:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _as_they_came(order_import: Import) -> Iterator[tuple[RejectedRow, list[str]]]:
    """Each rejected row with all its cells; with what was kept of them when the file is gone or another by now."""
    rejected = order_import.rejected.order_by("line", "pk").iterator()
    if not _is_there(order_import):
        yield from ((bad, bad.cells) for bad in rejected)
        return
    rows = _rows(order_import)
    line, row = 0, list[str]()
    for bad in rejected:
        while line < bad.line:
            line, row = next(rows, (bad.line, bad.cells))
        yield bad, row if line == bad.line else bad.cells


def _is_there(order_import: Import) -> bool:
    try:
        return files.fingerprint(order_import.file) == order_import.sha256
    except OSError:
        return False


def _rows(order_import: Import) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row, also of one that cannot be taken apart."""
    mapping = order_import.mapping_in_use
    with files.text(order_import.file, mapping.encoding) as source:
        for line, row in reading.rows_of(source, mapping):
            yield line, reading.as_it_came(row)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
