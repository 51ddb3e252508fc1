"""The columns of a file of opening balances, and how their cells are read."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from crm.imports import values
from crm.imports.cells import texts
from crm.imports.columns import Mapping
from crm.imports.customers.fields import FIELDS as CUSTOMER_FIELDS
from crm.imports.customers.fields import MARKS, NORMALISED, if_any
from crm.imports.kinds import Cells, Field, Read, Staged
from crm.imports.reasons import Rejected

FIELDS = {name: CUSTOMER_FIELDS[name] for name in MARKS.values()} | {
    "points": Field(_("Points"), ("balance", "pointsbalance", "openingbalance", "bonus", "bonuses", "loyaltypoints")),
    "available_on": Field(_("Available from"), ("availablefrom", "available", "validfrom", "activefrom")),
    "expires_on": Field(_("Good until"), ("expires", "expiry", "expirydate", "validuntil", "validto")),
    "note": Field(_("Note"), ("comment", "reason", "description", "remarks", "notes")),
}
NEEDED = (tuple(MARKS.values()), ("points",))
LATEST = date(2199, 12, 31)
DIGITS = 12


def staging(mapping: Mapping) -> str:
    marks = [f"{mark} text, {mark}_is text" for mark in MARKS]
    return ", ".join(["line bigint", *marks, "points bigint", "available_on date", "expires_on date", "note text"])


def staged(mapping: Mapping, today: date) -> Iterable[Staged]:
    days = values.Moments(mapping.dates, today, latest=LATEST)
    for mark, field in MARKS.items():
        yield Staged(field, mark, texts(254))
        yield Staged(field, f"{mark}_is", NORMALISED[mark]())
    yield Staged("points", "points", _whole(values.Numbers(mapping.decimal)))
    yield Staged("available_on", "available_on", if_any(lambda text: days(text)[:10]))
    yield Staged("expires_on", "expires_on", if_any(lambda text: days(text)[:10]))
    yield Staged("note", "note", texts(200))


def left_out(mapping: Mapping, rows: Sequence[list[str]]) -> list[str]:
    """A nought, or nothing: whoever has no points is in most such files."""
    places = [at for field in MARKS.values() if (at := mapping.index_of(field)) is not None]
    points = mapping.index_of("points") or 0
    return [
        "nothing_known_by"
        if not any(row[at].strip() for at in places)
        else "no_points"
        if not row[points].strip().strip("0.,")
        else ""
        for row in rows
    ]


def _whole(numbers: values.Numbers) -> Read:
    def read(cells: Cells) -> list[str]:
        found = [number.partition(".") for number in numbers.column([*map(str.strip, cells)])]
        if any(part.strip("0") or whole.startswith("-") or not whole.strip("0") for whole, _dot, part in found):
            raise Rejected("points")
        if any(len(whole) > DIGITS for whole, _dot, _part in found):
            raise Rejected("large_amount")
        return [whole for whole, _dot, _part in found]

    return read
