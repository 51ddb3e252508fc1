"""An import in words: for the command, the page and the downloads."""

from typing import Any

from django.utils.translation import gettext as _

from crm.imports.reasons import SKIPS, rejection_in_words
from crm.models import Import, RejectedRow
from shop import formats


def summary(order_import: Import) -> list[str]:
    """Three to five sentences: what came in (or would), what was left out, what was rejected."""
    report = order_import.report
    kind = order_import.mapping_in_use.kind_of_file
    lines = [kind.created(report, bool(order_import.applied_at)), _changed(report)]
    if left_out := skipped(report):
        reasons = "; ".join(_("%(n)s %(why)s") % {"n": n, "why": why} for why, n in left_out)
        lines.append(_("Left out: %(reasons)s.") % {"reasons": reasons})
    if wrong := rejected(report):
        lines.append(_("Rejected: %(reasons)s") % {"reasons": "; ".join(f"{n} × {why}" for why, n in wrong)})
    return lines


def _changed(report: dict[str, Any]) -> str:
    return _("Changed: %(changed)s, the same as before: %(same)s.") % {
        "changed": formats.number(report["change"]),
        "same": formats.number(report["same"]),
    }


def skipped(report: dict[str, Any]) -> list[tuple[str, str]]:
    """(why, how many), most first."""
    counts = sorted(report.get("skipped", {}).items(), key=lambda pair: -pair[1])
    return [(str(SKIPS[reason]), formats.number(count)) for reason, count in counts]


def rejected_total(report: dict[str, Any]) -> int:
    return sum(report.get("rejected", {}).values()) + sum(report.get("matching_rejected", {}).values())


def rejected(report: dict[str, Any]) -> list[tuple[str, str]]:
    counts = {**report.get("rejected", {}), **report.get("matching_rejected", {})}
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return [(rejection_in_words(reason), formats.number(count)) for reason, count in ordered]


def rejected_line(bad: RejectedRow) -> str:
    place = _("Line %(line)s, %(column)s") if bad.column else _("Line %(line)s")
    return f"{place % {'line': bad.line, 'column': bad.column}}: {rejection_in_words(bad.reason)}"
