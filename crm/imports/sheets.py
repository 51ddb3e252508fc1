"""An .xlsx becomes CSV of ours before anything else, so that the way from there on is one. Rows keep their numbers."""

import json
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from crm.imports import files, workbook
from crm.imports.reasons import Refused
from shop import disk

LIMIT = 25  # MB, packed; unpacked it is some ten times that
TIME = 120  # seconds
XLSX = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx behind a password
LOCKED = "EncryptedPackage".encode("utf-16-le")
DISK_FULL = "disk"


@dataclass
class Sheet:
    """What of a workbook is read: this file, that sheet, the header in that row."""

    path: Path
    name: str
    names: list[str] = field(default_factory=list)
    first: int = 1


def is_workbook(path: Path) -> bool:
    """By its first bytes. Raises Refused for what another Excel made."""
    files.check_path(path)
    with path.open("rb") as raw:
        start = raw.read(8)
        if start == OLE:
            raise Refused("excel_password" if LOCKED in raw.read(LIMIT * files.MEGABYTE) else "old_excel")
    return start.startswith(XLSX)


def turned(path: Path, sheet: str = "") -> Sheet:
    """That sheet as CSV, or the first one with rows. Raises Refused, and then keeps nothing."""
    if path.stat().st_size > LIMIT * files.MEGABYTE:
        raise Refused("sheet_too_large", limit=LIMIT)
    target = Path(settings.MEDIA_ROOT) / "imports" / f"{uuid.uuid4().hex}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    said = _run(path, target, sheet)
    if "refused" in said:
        target.unlink(missing_ok=True)
        raise Refused(said["refused"], **({"limit": LIMIT} | said["params"]))
    return Sheet(target, said["sheet"], said["sheets"], said["first"])


def _run(path: Path, target: Path, sheet: str) -> dict:
    command = [sys.executable, "-I", workbook.__file__, str(path), str(target), sheet]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIME, check=True)  # noqa: S603
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):  # out of memory the reader ends without a word
        full = disk.nearly_full()
        return {"refused": DISK_FULL if full else "sheet_too_large", "params": {}}
