"""A report about conversations in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.imports.kinds import Change
from shop import formats


def created(report: dict[str, Any], applied: bool) -> str:
    text = ngettext("Written down: %(n)s conversation.", "Written down: %(n)s conversations.", report["create"])
    if not applied:
        text = ngettext(
            "Would write down: %(n)s conversation.", "Would write down: %(n)s conversations.", report["create"]
        )
    return text % {"n": formats.number(report["create"])}


def stats(report: dict[str, Any], applied: bool) -> list[tuple[str, int]]:
    return [
        (_("Conversations written down") if applied else _("Conversations to write down"), report["create"]),
        (_("On cards"), report["cards"]),
    ]


def changes(report: dict[str, Any]) -> list[Change]:
    """A conversation is here or is not; none is rewritten."""
    return []
