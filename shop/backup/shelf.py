"""The folder the backups stand in, and what is known of each: the disk itself is the list, so a restore loses none."""

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from shop.backup.manifest import Manifest
from shop.backup.refusal import Refusal
from shop.backup.taking import UNFINISHED

VERDICT = "verified.json"
_ABANDONED = timedelta(days=1)


@dataclass(frozen=True)
class Backup:
    folder: Path
    manifest: Manifest
    verified_at: datetime | None
    faults: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def is_proved(self) -> bool:
        return self.verified_at is not None and not self.faults


def shelf() -> Path:
    return Path(settings.BACKUP_ROOT)


def backups() -> list[Backup]:
    """Newest first."""
    return sorted(_there(), key=lambda backup: backup.manifest.made_at, reverse=True)


def called(name: str) -> Backup | None:
    """By the name of its folder, which came from outside: only a name that is on the shelf is looked at."""
    return next((backup for backup in _there() if backup.name == name), None)


def _there() -> Iterator[Backup]:
    for folder in shelf().iterdir() if shelf().is_dir() else ():
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        try:
            manifest = Manifest.read(folder)
        except Refusal:
            continue
        yield Backup(folder, manifest, *_verdict(folder))


def _verdict(folder: Path) -> tuple[datetime | None, tuple[str, ...]]:
    try:
        told: dict[str, Any] = json.loads((folder / VERDICT).read_text())
        return datetime.fromisoformat(told["at"]), tuple(told["faults"])
    except (OSError, ValueError, KeyError):
        return None, ()


def note(folder: Path, faults: list[str]) -> None:
    """What came of verifying it, beside it; a copy on a disk that cannot be written to stays without."""
    with suppress(OSError):
        (folder / VERDICT).write_text(json.dumps({"at": timezone.now().isoformat(), "faults": faults}))


def tidy(keep: int) -> int:
    """All but the newest `keep` go, though never the newest that was proved; so does what a crash left unfinished."""
    there = backups()
    proved = next((backup for backup in there if backup.is_proved), None)
    gone = [backup for backup in there[keep:] if backup is not proved]
    for backup in gone:
        shutil.rmtree(backup.folder)
    for left in shelf().glob(f"{UNFINISHED}*"):
        if (
            datetime.fromtimestamp(left.stat().st_mtime, tz=timezone.get_current_timezone())
            < timezone.now() - _ABANDONED
        ):
            shutil.rmtree(left, ignore_errors=True)
    return len(gone)


def last_proved() -> datetime | None:
    return next((backup.manifest.made_at for backup in backups() if backup.is_proved), None)
