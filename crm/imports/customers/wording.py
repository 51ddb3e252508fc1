"""A report about customers in words."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.imports.customers.fields import fields
from crm.imports.kinds import Change
from shop import formats


def created(report: dict[str, Any], applied: bool) -> str:
    text = ngettext("Created: %(n)s customer.", "Created: %(n)s customers.", report["create"])
    if not applied:
        text = ngettext("Would create: %(n)s customer.", "Would create: %(n)s customers.", report["create"])
    said = text % {"n": formats.number(report["create"])}
    return " ".join([said, *_told_no(report, applied)])


def _told_no(report: dict[str, Any], applied: bool) -> list[str]:
    refused, stays, ignored = (report.get(name, 0) for name in ("refused", "no_stays", "yes_ignored"))
    said = []
    if refused:
        words = ngettext("%(n)s refusal was written down.", "%(n)s refusals were written down.", refused)
        if not applied:
            words = ngettext("%(n)s refusal would be written down.", "%(n)s refusals would be written down.", refused)
        said.append(words % {"n": formats.number(refused)})
    if stays:
        words = ngettext(
            "%(n)s refusal stays, although the file says yes.",
            "%(n)s refusals stay, although the file says yes.",
            stays,
        )
        said.append(words % {"n": formats.number(stays)})
    if ignored:
        words = ngettext(
            "%(n)s consent is left out: only the customer can give it.",
            "%(n)s consents are left out: only the customers can give them.",
            ignored,
        )
        said.append(words % {"n": formats.number(ignored)})
    return said


def stats(report: dict[str, Any], applied: bool) -> list[tuple[str, int]]:
    found = [(_("Customers created") if applied else _("Customers to create"), report["create"])]
    told = {
        _("Refusals written down") if applied else _("Refusals to write down"): report.get("refused"),
        _("Refusals that a yes does not lift"): report.get("no_stays"),
        _("Consents left out"): report.get("yes_ignored"),
    }
    return found + [(str(name), number) for name, number in told.items() if number]


def changes(report: dict[str, Any]) -> list[Change]:
    labels = {name: field.label for name, field in fields().items()} | {"owner_id": _("Owner")}
    return [
        Change(
            sample["who"],
            "",
            [
                (labels.get(name, name), _said(name, old), _said(name, new))
                for name, (old, new) in sample["fields"].items()
            ],
        )
        for sample in report.get("samples", [])
    ]


def _said(name: str, value: Any) -> str:
    if value is None:
        return ""
    return formats.day(date.fromisoformat(value)) if name == "birthday" else str(value)
