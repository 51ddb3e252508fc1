"""The rejected rows as a file: line, column and reason, then the row as it came, to be put right and imported again."""

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.imports.reasons import rejection_in_words
from crm.models import Import

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[-+]?\d[\d., \u00a0]*")
FLUSH = 64 * 1024


def guarded(cell: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe; the import takes exactly one off."""
    if isinstance(cell, str) and cell.startswith(FORMULA) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def rejected_csv(order_import: Import) -> Iterator[str]:
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    header = order_import.mapping.get("header", [])
    writer.writerow([_("line"), _("column"), _("reason"), *map(guarded, header)])
    for bad in order_import.rejected.order_by("line", "pk").iterator():
        cells = [bad.line, bad.column, rejection_in_words(bad.reason), *bad.cells]
        writer.writerow(map(guarded, cells))
        if buffer.tell() > FLUSH:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
