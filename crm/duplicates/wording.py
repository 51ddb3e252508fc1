"""What rows of each table are called on the pages of merging; a table nobody named here is called by its model."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.card.fields import EDITABLE
from crm.models import Customer, CustomField, Identifier, Note, Order, Refund
from crm.privacy.wording import name_for_staff
from shop import formats
from shop.currency import currency_in_force

NAMES: dict[str, Any] = {
    "crm.Order": _("Orders"),
    "crm.Refund": _("Refunds"),
    "crm.Identifier": _("E-mails, phones and numbers"),
    "crm.Note": _("Conversations"),
    "crm.Task": _("Tasks"),
    "crm.Complaint": _("Complaints"),
    "crm.Attachment": _("Attachments"),
    "crm.Message": _("Mails"),
    "crm.Tagging": _("Tags"),
    "crm.Consent": _("Consents"),
    "crm.Suppression": _("Addresses nobody writes to"),
    "crm.Pause": _("Pauses"),
    "crm.PrivacyRequest": _("Wishes for a copy or erasure"),
    "crm.Customer": _("Cards merged earlier"),
    "crm.Event": _("Entries of the timeline"),
    "analytics.Flag": _("Risk flags"),
    "loyalty.Account": _("Points"),
}
# Rows of the machinery, of which nobody would say that they have them.
UNSAID = {"crm.Duplicate", "crm.CustomerToken", "crm.ContactSlot", "crm.AddressTrouble"}


def name_of(model: type[models.Model]) -> Any:
    return NAMES.get(model._meta.label) or name_for_staff(model._meta.label)


def row_in_words(row: Any) -> str:
    """One row in a line."""
    if isinstance(row, Order):
        return f"{row.reference}, {formats.money(row.total, currency_in_force())}"
    if isinstance(row, Refund):
        return formats.money(row.amount, currency_in_force())
    if isinstance(row, Note):
        return f"{row.get_kind_display()}: {row.body[:120]}"
    if isinstance(row, Identifier):
        return f"{row.get_kind_display()}: {row.value}"
    if hasattr(row, "tag"):
        return str(row.tag)
    return str(row)[:120]


def row_at(row: Any) -> Any:
    """When it came, for those that say so."""
    return next(
        (at for name in ("placed_at", "at", "opened_at", "created_at") if (at := getattr(row, name, None))), None
    )


def value_in_words(name: str, value: Any) -> str:
    """A value of a field as the page of merging shows it."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name.startswith("custom__") or name not in {field.name for field in Customer._meta.concrete_fields}:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    field = Customer._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return str(field.related_model._base_manager.filter(pk=value).first() or "")
    if hasattr(value, "year"):
        return formats.day(value)
    return str(dict(getattr(field, "flatchoices", ())).get(value, value))


def custom_labels() -> dict[str, str]:
    return {f"custom__{key}": label for key, label in CustomField.objects.values_list("key", "label")}


def place_of(name: str) -> int:
    """Fields in the order of the card, the rest after them."""
    order = [*EDITABLE]
    return order.index(name) if name in order else len(order)
