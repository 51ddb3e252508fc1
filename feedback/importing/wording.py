"""A report about answers in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.imports.kinds import Change
from shop import formats


def created(report: dict[str, Any], applied: bool) -> str:
    text = ngettext("Brought in: %(n)s answer.", "Brought in: %(n)s answers.", report["create"])
    if not applied:
        text = ngettext("Would bring in: %(n)s answer.", "Would bring in: %(n)s answers.", report["create"])
    return text % {"n": formats.number(report["create"])}


def stats(report: dict[str, Any], applied: bool) -> list[tuple[str, int]]:
    return [
        (_("Answers brought in") if applied else _("Answers to bring in"), report["create"]),
        (_("Of customers who are known"), report["named"]),
    ]


def changes(report: dict[str, Any]) -> list[Change]:
    """An answer is here or is not; none is rewritten."""
    return []
