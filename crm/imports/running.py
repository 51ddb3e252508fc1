"""From a file to a preview, and from a preview to orders: the steps of an import in their order."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from crm.imports import applying, files, reading, remembering, sheets, staging
from crm.imports.ahead import ahead
from crm.imports.columns import Mapping
from crm.imports.reasons import Refused
from crm.imports.sheets import Sheet
from crm.models import Import
from shop import disk
from shop.models import Setting

Progress = Callable[[str, int, int], None]


def quietly(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def begin(
    path: Path, *, name: str, source: str, kind: str = "", sheet: str = "", by: Any = None, owns_file: bool = True
) -> Import:
    """Look at a file and guess its mapping, and its kind unless said. Raises Refused, and then keeps nothing."""
    if disk.nearly_full():
        raise Refused("disk")
    begun = Import(source=source, file_name=name[:200], path=str(path), owns_file=owns_file, created_by=by)
    if not sheets.is_workbook(path):
        _look(begun, kind)
    else:
        _open(begun, path, sheet, kind)
        if owns_file and len(begun.report["sheets"]) > 1:
            begun.workbook = str(path)  # another sheet may be chosen
    begun.save()
    if owns_file and str(path) not in (begun.path, begun.workbook):
        path.unlink()
    return begun


def _look(begun: Import, kind: str, sheet: Sheet | None = None) -> None:
    found = files.look(begun.file)
    mapping = reading.prepare(begun.file, found, kind, sheet)
    header = reading.header_line(begun.file, found.encoding)
    begun.mapping = remembering.as_last_time(mapping, header, begun.source, kind).as_json
    begun.sha256 = found.sha256
    begun.report = {"lines": found.lines, "has_nul": found.has_nul}


def _open(begun: Import, workbook: Path, name: str, kind: str) -> None:
    """What is read from now on is our CSV of that sheet, whatever becomes of the workbook."""
    sheet = sheets.turned(workbook, name)
    begun.path, begun.owns_file = str(sheet.path), True
    try:
        _look(begun, kind, sheet)
    except Refused as refused:
        sheet.path.unlink(missing_ok=True)
        raise Refused("no_table", sheet=sheet.name) if refused.code == "not_csv" else refused from None
    begun.report["sheets"] = sheet.names


def choose_sheet(begun: Import, name: str) -> None:
    """Read another sheet of the same workbook instead. Raises Refused, and then the one before stays."""
    before = begun.file
    _open(begun, Path(begun.workbook), name, begun.mapping_in_use.kind)
    staging.drop(begun)
    begun.rejected.all().delete()
    begun.read_at, begun.refused_at, begun.refusal = None, None, {}
    begun.save()
    before.unlink(missing_ok=True)


def read(order_import: Import, progress: Progress = quietly) -> None:
    """Rows into the staging table, then what they would change. Raises Refused."""
    take_in(order_import, progress)
    progress("compare", 0, 0)
    preview(order_import, Mapping(**order_import.mapping))


def take_in(order_import: Import, progress: Progress = quietly) -> None:
    """Rows into the staging table. Raises Refused."""
    mapping = Mapping(**order_import.mapping)
    mapping.check()
    check_same_file(order_import)
    reading.settle(mapping, order_import.file)
    order_import.remember(mapping=mapping.as_json, read_at=None, refused_at=None, refusal={})
    stage(order_import, mapping, progress)


def stage(order_import: Import, mapping: Mapping, progress: Progress = quietly) -> None:
    zone = Setting.get("shop.time_zone")
    lines = order_import.report.get("lines", 0)
    reader = reading.Reader(
        order_import.file,
        mapping,
        today=timezone.now().astimezone(ZoneInfo(zone)).date(),
        has_nul=order_import.report.get("has_nul", False),
    )
    rejected: Counter[str] = Counter()
    staging.create(order_import, mapping.kind_of_file.staging(mapping))
    for chunk in ahead(reader.chunks()):
        staging.add(order_import, chunk, zone)
        rejected.update(bad.reason for bad in chunk.rejected)
        progress("read", min(chunk.line, lines), lines)
    kept = staging.finish(order_import)
    report = {"rows": reader.rows_seen, "skipped": dict(reader.skipped), "rejected": dict(rejected)}
    order_import.remember(staged_rows=kept, report={**_file_facts(order_import), **report})


def _file_facts(order_import: Import) -> dict[str, Any]:
    return {
        name: order_import.report[name]
        for name in ("lines", "has_nul", "sheets", "survey")
        if name in order_import.report
    }


@transaction.atomic
def preview(order_import: Import, mapping: Mapping) -> None:
    counts = mapping.kind_of_file.match(order_import, mapping, True)
    order_import.remember(read_at=timezone.now(), report={**order_import.report, **counts})


def apply(order_import: Import, progress: Progress = quietly) -> dict[str, Any]:
    """Everything or nothing. Raises Refused when the file is no longer the one that was read."""
    if order_import.applied_at:
        return order_import.report
    if order_import.swept_at:
        raise Refused("swept")
    check_same_file(order_import)
    mapping = Mapping(**order_import.mapping)
    if staging.rows(order_import) != order_import.staged_rows:
        stage(order_import, mapping, progress)
    steps = ["compare", *mapping.kind_of_file.steps, "finish"]
    report = applying.apply(order_import, mapping, lambda step: progress(step, steps.index(step), len(steps)))
    remembering.remember(order_import)
    return report


def discard(order_import: Import) -> None:
    """Forget what was read: the staging table, the rejected rows, and the file when it is ours."""
    staging.drop(order_import)
    order_import.rejected.all().delete()
    if order_import.owns_file:
        order_import.file.unlink(missing_ok=True)
    if order_import.workbook:
        Path(order_import.workbook).unlink(missing_ok=True)
    order_import.remember(swept_at=timezone.now())


def check_same_file(order_import: Import) -> None:
    files.check_path(order_import.file)
    if files.fingerprint(order_import.file) != order_import.sha256:
        raise Refused("changed")
