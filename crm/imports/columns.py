"""Which column of the file is which of ours: guessed from the names in its header, to be chosen by hand."""

import csv
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.imports.reasons import Refused

REQUIRED = ("customer_id", "order_id", "ordered_at", "amount")

# Our name → (what we call it, what others call it, squeezed).
FIELDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "customer_id": (
        _("Customer number"),
        ("customer", "customerno", "customernumber", "clientid", "client"),
    ),
    "order_id": (_("Order number"), ("order", "orderno", "ordernumber", "invoice", "invoiceno", "invoicenumber")),
    "ordered_at": (_("Ordered on"), ("date", "orderdate", "orderedon", "createdat", "invoicedate", "placedat")),
    "amount": (_("Amount"), ("total", "ordertotal", "value", "sum", "revenue", "grandtotal", "paid")),
    "kind": (_("Kind"), ("type", "ordertype", "transactiontype")),
    "refund_of": (_("Refund of order"), ("refundedorder", "originalorder", "refundoforder")),
    "country": (_("Country"), ("customercountry", "shippingcountry", "billingcountry")),
    "line_sku": (_("Article number"), ("sku", "stockcode", "lineitemsku", "articlenumber")),
    "line_name": (_("Article"), ("lineitemname", "description", "product", "productname", "article")),
    "line_category": (_("Category"), ("category", "productcategory")),
    "line_quantity": (_("Quantity"), ("lineitemquantity",)),
    "line_amount": (_("Amount of the line"), ("linetotal", "lineitemtotal", "linesum")),
}
LINE_FIELDS = tuple(name for name in FIELDS if name.startswith("line_"))

DELIMITERS = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Bar")}
DECIMALS = {"auto": _("Find out"), "point": _("1,234.56"), "comma": _("1.234,56")}
DATES = {
    "auto": _("Find out"),
    "year": _("2026-12-31, year first"),
    "day": _("31.12.2026, day first"),
    "month": _("12/31/2026, month first"),
}


@dataclass
class Mapping:
    """How to read one file. Stored as JSON; every part can be chosen on the page."""

    columns: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "auto"
    dates: str = "auto"
    header: list[str] = field(default_factory=list)

    @property
    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def has_lines(self) -> bool:
        return any(name in self.columns for name in LINE_FIELDS)

    @property
    def ignored(self) -> list[str]:
        used = set(self.columns.values())
        return [name for name in self.header if name and name not in used]

    @property
    def missing(self) -> list[str]:
        return [name for name in REQUIRED if name not in self.columns]

    def index_of(self, name: str) -> int | None:
        return self.header.index(self.columns[name]) if name in self.columns else None

    def choose(self, ours: str, theirs: str) -> None:
        """Say by hand which column of the file holds what; an empty name takes the choice back."""
        if ours not in FIELDS or (theirs and theirs not in self.header):
            raise Refused("missing_columns", columns=(ours if ours not in FIELDS else theirs)[:60])
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


def guess(header_text: str, encoding: str) -> Mapping:
    """The separator that finds most known columns, then most columns."""
    candidates = [split(header_text, encoding, delimiter) for delimiter in DELIMITERS]
    best = max(candidates, key=lambda mapping: (len(mapping.columns), len(mapping.header)))
    if len(best.header) < 2:
        raise Refused("not_csv")
    _check_names(best.header)
    return best


def split(header_text: str, encoding: str, delimiter: str) -> Mapping:
    """The mapping as the names in the header suggest."""
    try:
        header = next(csv.reader(header_text.splitlines(keepends=True), delimiter=delimiter, strict=True), [])
    except csv.Error:
        header = []
    header = [name.strip() for name in header]
    return Mapping(_named(header), encoding, delimiter, header=header)


def _check_names(header: list[str]) -> None:
    seen = set()
    for name in header:
        if name and squeezed(name) in seen:
            raise Refused("duplicate_columns", column=name[:60])
        seen.add(squeezed(name))


def _named(header: list[str]) -> dict[str, str]:
    """Our own names first, then what others call them; a column is used once."""
    by_name = {squeezed(name): name for name in reversed(header) if squeezed(name)}
    columns: dict[str, str] = {}
    for ours in FIELDS:
        if squeezed(ours) in by_name:
            columns[ours] = by_name.pop(squeezed(ours))
    for ours, (_label, synonyms) in FIELDS.items():
        known = next((by_name.pop(name) for name in synonyms if name in by_name), None)
        if known and ours not in columns:
            columns[ours] = known
    return columns
