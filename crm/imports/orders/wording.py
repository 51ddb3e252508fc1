"""A report about orders in words."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.imports.kinds import Change
from shop import formats
from shop.currency import currency_in_force


def created(report: dict[str, Any], applied: bool) -> str:
    parts = {
        "orders": ngettext("%(n)s order", "%(n)s orders", report["orders_create"]),
        "refunds": ngettext("%(n)s refund", "%(n)s refunds", report["refunds_create"]),
        "customers": ngettext("%(n)s customer", "%(n)s customers", report["customers_create"]),
    }
    text = _("Created: %(orders)s, %(refunds)s, %(customers)s.")
    if not applied:
        text = _("Would create: %(orders)s, %(refunds)s, %(customers)s.")
    return text % {name: part % {"n": formats.number(report[f"{name}_create"])} for name, part in parts.items()}


def stats(report: dict[str, Any], applied: bool) -> list[tuple[str, int]]:
    return [
        (_("Orders created") if applied else _("Orders to create"), report["orders_create"]),
        (_("Refunds"), report["refunds_create"]),
        (_("New customers"), report["customers_create"]),
    ]


def changes(report: dict[str, Any]) -> list[Change]:
    """Old beside new, of what would change: amounts and moments, where they differ."""
    return [
        Change(sample["reference"], _("refund") if sample["refund"] else "", list(_differences(sample)))
        for sample in report.get("samples", [])
    ]


def _differences(sample: dict[str, Any]) -> Any:
    currency = currency_in_force()
    before, after = Decimal(sample["amount_before"]), Decimal(sample["amount"])
    if before != after:
        yield _("Amount"), formats.money(before, currency), formats.money(after, currency)
    if sample["at_before"] != sample["at"]:
        yield _("Ordered on"), _moment(sample["at_before"]), _moment(sample["at"])


def _moment(text: str) -> str:
    day, clock = formats.local(datetime.fromisoformat(text))
    return f"{formats.day(day)}, {clock}"
