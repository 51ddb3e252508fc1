"""Brings a read import in: everything in one transaction, or nothing."""

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm.imports import staging
from crm.imports.columns import Mapping
from crm.imports.kinds import Say
from crm.imports.trigrams import sorted_in_beside
from crm.models import Event, Import

TRIES = 3
MANY = 1_000  # rows after which the planner should look anew


def apply(order_import: Import, mapping: Mapping, say: Say = lambda stage: None) -> dict[str, Any]:
    """Returns the report. When somebody else wrote the same customer or order meanwhile, it is matched again."""
    for attempt in range(1, TRIES + 1):
        try:
            report = _apply_once(order_import, mapping, say)
        except IntegrityError:
            if attempt == TRIES:
                raise
        else:
            _freshen(mapping, report)
            return report
    raise AssertionError("unreachable")


def _freshen(mapping: Mapping, report: dict[str, Any]) -> None:
    """With the statistics of an empty shop the next import would be planned for a handful of rows, and take minutes."""
    if report["create"] >= MANY:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(mapping.kind_of_file.fresh)}")


@transaction.atomic
def _apply_once(order_import: Import, mapping: Mapping, say: Say) -> dict[str, Any]:
    told = Import.objects.select_for_update().get(pk=order_import.pk)
    if told.applied_at:  # by a worker that was thought dead
        return told.report
    kind = mapping.kind_of_file
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # after each statement: its rows are at hand, all at the end not
    say("compare")
    counts = kind.match(order_import, mapping, False)
    with sorted_in_beside(kind.fresh, counts["create"]):
        counts |= kind.write(order_import, mapping, counts, say)
    say("finish")
    report = {**order_import.report, **counts}
    order_import.remember(report=report, applied_at=timezone.now())
    _record(order_import)
    staging.drop(order_import)
    return report


def _record(order_import: Import) -> None:
    report = order_import.report
    Event.record(
        "import.applied",
        subject=order_import,
        actor=order_import.actor,
        kind=order_import.mapping_in_use.kind,
        created=report["create"],
        changed=report["change"],
        skipped=report["same"] + sum(report.get("skipped", {}).values()),
        rejected=sum(report.get("rejected", {}).values()) + sum(report["matching_rejected"].values()),
    )
