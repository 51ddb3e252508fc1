"""The columns of a file of orders, and how their cells are read."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from crm.imports import values
from crm.imports.cells import column_of, key, numbers_if_any, texts
from crm.imports.columns import Mapping
from crm.imports.kinds import Cells, Field, Staged
from crm.imports.reasons import Rejected

FIELDS = {
    "customer_id": Field(_("Customer number"), ("customer", "customerno", "customernumber", "clientid", "client")),
    "order_id": Field(_("Order number"), ("order", "orderno", "ordernumber", "invoice", "invoiceno", "invoicenumber")),
    "ordered_at": Field(_("Ordered on"), ("date", "orderdate", "orderedon", "createdat", "invoicedate", "placedat")),
    "amount": Field(_("Amount"), ("total", "ordertotal", "value", "sum", "revenue", "grandtotal", "paid")),
    "kind": Field(_("Kind"), ("type", "ordertype", "transactiontype")),
    "refund_of": Field(_("Refund of order"), ("refundedorder", "originalorder", "refundoforder")),
    "country": Field(_("Country"), ("customercountry", "shippingcountry", "billingcountry")),
    "line_sku": Field(_("Article number"), ("sku", "stockcode", "lineitemsku", "articlenumber")),
    "line_name": Field(_("Article"), ("lineitemname", "description", "product", "productname", "article")),
    "line_category": Field(_("Category"), ("category", "productcategory")),
    "line_quantity": Field(_("Quantity"), ("lineitemquantity",)),
    "line_amount": Field(_("Amount of the line"), ("linetotal", "lineitemtotal", "linesum")),
}
NEEDED = (("customer_id",), ("order_id",), ("ordered_at",), ("amount",))
LINE_FIELDS = tuple(name for name in FIELDS if name.startswith("line_"))

COLUMNS = """
    line bigint, customer text, reference text, placed_at timestamptz, amount numeric(18, 3),
    refund boolean NOT NULL DEFAULT false, refund_of text, country text
"""
LINE_COLUMNS = ", sku text, name text, category text, quantity numeric(12, 3), line_amount numeric(18, 3)"


def has_lines(mapping: Mapping) -> bool:
    return any(name in mapping.columns for name in LINE_FIELDS)


def staging(mapping: Mapping) -> str:
    return COLUMNS + (LINE_COLUMNS if has_lines(mapping) else "")


def staged(mapping: Mapping, today: date) -> Iterable[Staged]:
    """In the order in which the faults of a row are named."""
    moments, numbers = values.Moments(mapping.dates, today), values.Numbers(mapping.decimal)
    return [
        Staged("kind", "refund", lambda cells: [kind is values.REFUND for kind in kinds(cells)]),
        Staged("customer_id", "customer", texts(254, key)),
        Staged("order_id", "reference", texts(64, key, missing="no_order")),
        Staged("ordered_at", "placed_at", moments.column),
        Staged("amount", "amount", numbers.column),
        Staged("refund_of", "refund_of", texts(64, key)),
        Staged("country", "country", texts(80)),
        Staged("line_sku", "sku", texts(64)),
        Staged("line_name", "name", texts(200)),
        Staged("line_category", "category", texts(120)),
        Staged("line_quantity", "quantity", numbers_if_any(numbers, digits=9)),
        Staged("line_amount", "line_amount", numbers_if_any(numbers)),
    ]


def left_out(mapping: Mapping, rows: Sequence[list[str]]) -> list[str]:
    at, kind_at = mapping.index_of("customer_id"), mapping.index_of("kind")
    reasons = ["" if row[at].strip() else "no_customer" for row in rows]
    if kind_at is not None:
        found = column_of("kind", [row[kind_at] for row in rows], kinds)
        if values.ADJUSTMENT in found:
            pairs = zip(found, reasons, strict=True)
            return ["adjustment" if kind is values.ADJUSTMENT else reason for kind, reason in pairs]
    return reasons


def kinds(cells: Cells) -> list[str]:
    try:
        return [values.KINDS[cell.strip().lower()] for cell in cells]
    except KeyError:
        raise Rejected("kind") from None
