"""A report about opening balances in words."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.imports.kinds import Change
from shop import formats


def created(report: dict[str, Any], applied: bool) -> str:
    points = ngettext("%(n)s point", "%(n)s points", report["points"]) % {"n": formats.number(report["points"])}
    text = ngettext(
        "Brought in: %(points)s of %(n)s customer.", "Brought in: %(points)s of %(n)s customers.", report["change"]
    )
    if not applied:
        text = ngettext(
            "Would bring in: %(points)s of %(n)s customer.",
            "Would bring in: %(points)s of %(n)s customers.",
            report["change"],
        )
    return text % {"n": formats.number(report["change"]), "points": points}


def stats(report: dict[str, Any], applied: bool) -> list[tuple[str, int]]:
    return [(_("Points brought in") if applied else _("Points to bring in"), report["points"])]


def changes(report: dict[str, Any]) -> list[Change]:
    """The points of each before and after."""
    return [Change(sample["who"], "", list(_fields(sample))) for sample in report.get("samples", [])]


def _fields(sample: dict[str, Any]) -> Any:
    before, after = map(formats.number, sample["points"])
    yield _("Points"), before, after
    if sample.get("from"):  # a report of before this was noted does not say
        yield _("Available from"), "", formats.day(date.fromisoformat(sample["from"]))
    if sample["until"]:
        yield _("Good until"), "", formats.day(date.fromisoformat(sample["until"]))
