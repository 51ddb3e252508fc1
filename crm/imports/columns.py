"""Which column of the file is which of ours: guessed from the names in its header, to be chosen by hand."""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from crm.imports.kinds import Kind, all_kinds, kind_named
from crm.imports.reasons import Refused

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")  # no name of a column has any, and JSON in the database refuses one
DELIMITERS = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Bar")}
DECIMALS = {"auto": _("Find out"), "point": _("1,234.56"), "comma": _("1.234,56")}
DATES = {
    "auto": _("Find out"),
    "year": _("2026-12-31, year first"),
    "day": _("31.12.2026, day first"),
    "month": _("12/31/2026, month first"),
}


# What a download of rejected rows sets before the columns of the file.
ADDED = (gettext_noop("line"), gettext_noop("column"), gettext_noop("reason"))


@dataclass
class Mapping:
    """How to read one file. Stored as JSON; every part can be chosen on the page."""

    kind: str = "orders"
    columns: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "auto"
    dates: str = "auto"
    header: list[str] = field(default_factory=list)
    sheet: str = ""  # of a workbook; what is read is our CSV of it
    proposed: str = ""  # "last time", or the name under which these choices were kept
    first: int = 0  # the row of the sheet with the header; its rows are counted, not the lines of our file

    @property
    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def kind_of_file(self) -> Kind:
        return kind_named(self.kind)

    @property
    def ignored(self) -> list[str]:
        used = set(self.columns.values())
        return [name for name in self.header if name and name not in used]

    @property
    def missing(self) -> list[str]:
        """A needed column, or several of which one would do: "email / phone"."""
        needed = self.kind_of_file.needed
        return [" / ".join(group) for group in needed if not any(name in self.columns for name in group)]

    def index_of(self, name: str) -> int | None:
        return self.header.index(self.columns[name]) if name in self.columns else None

    def choose(self, ours: str, theirs: str) -> None:
        """Say by hand which column of the file holds what; an empty name takes the choice back."""
        known = ours in self.kind_of_file.fields()
        if not known or (theirs and theirs not in self.header):
            raise Refused("missing_columns", columns=(theirs if known else ours)[:60])
        self.columns.pop(ours, None)
        if theirs:
            self.columns[ours] = theirs

    def check(self) -> None:
        if self.missing:
            raise Refused("missing_columns", columns=", ".join(self.missing))
        chosen = list(self.columns.values())
        for name in chosen:
            if chosen.count(name) > 1:
                raise Refused("column_twice", column=name[:60])


def squeezed(name: str) -> str:
    """`Order ID`, `order_id` and `OrderId` are the same name."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def guess(header_text: str, encoding: str, kind: str = "", delimiters: Iterable[str] = DELIMITERS) -> Mapping:
    """The kind that a column tells, else whose needed ones are there; the separator that finds most known columns."""
    kinds = [kind_named(kind)] if kind else [*all_kinds().values()]
    candidates = [split(header_text, encoding, delimiter, one) for one in kinds for delimiter in delimiters]
    best = max(candidates, key=_likely)
    if len(best.header) < 2 and best.missing:
        raise Refused("not_csv")
    _check_names(best.header)
    return best


def _likely(mapping: Mapping) -> tuple[bool, bool, int, int]:
    told = any(name in mapping.columns for name in mapping.kind_of_file.told_by)
    return told, not mapping.missing, len(mapping.columns), len(mapping.header)


def split(header_text: str, encoding: str, delimiter: str, kind: Kind) -> Mapping:
    """The mapping as the names in the header suggest."""
    try:
        header = next(csv.reader([header_text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        header = []
    header = [" ".join(CONTROL.sub("", name).split()) for name in header]
    return Mapping(kind.name, _named(header, kind), encoding, delimiter, header=header)


def without_added(header: list[str]) -> list[str]:
    """The columns of the file that a download of rejected rows was made of; of another file all."""
    names = [squeezed(name) for name in header[: len(ADDED)]]
    for language, _name in settings.LANGUAGES:
        with override(language):
            if names == [squeezed(gettext(name)) for name in ADDED]:
                return header[len(ADDED) :]
    return header


def _check_names(header: list[str]) -> None:
    seen = set()
    for name in without_added(header):
        if name and squeezed(name) in seen:
            raise Refused("duplicate_columns", column=name[:60])
        seen.add(squeezed(name))


def _named(header: list[str], kind: Kind) -> dict[str, str]:
    """Our own names first, then what we call them on the page, then what others do; a column is used once."""
    by_name = {squeezed(name): name for name in reversed(header) if squeezed(name)}
    fields = kind.fields()
    columns: dict[str, str] = {}
    for ours in fields:
        if squeezed(ours) in by_name:
            columns[ours] = by_name.pop(squeezed(ours))
    for ours, field_ in fields.items():
        names = (*field_.synonyms, *_labels(field_.label))
        known = next((by_name.pop(name) for name in names if name in by_name), None)
        if known and ours not in columns:
            columns[ours] = known
    return columns


def _labels(label: Any) -> list[str]:
    """What the column is called on the page, in every language."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append(squeezed(str(label)))
    return found
