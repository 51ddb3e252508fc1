import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop.backup import restoring, shelf, taking
from shop.backup.manifest import Manifest
from shop.backup.refusal import Refusal


class Command(BaseCommand):
    help = "Makes a backup of the database and the files; with --verify it is restored and compared at once."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="where the backups stand; else BACKUP_ROOT")
        parser.add_argument("--verify", action="store_true", help="restore it into a scratch database and compare")
        parser.add_argument("--keep", type=int, help="afterwards only so many of the newest stay, in BACKUP_ROOT")

    def handle(self, *args: Any, folder: Path | None, verify: bool, keep: int | None, **options: Any) -> None:
        if keep is not None and (keep < 1 or folder is not None):
            raise CommandError("--keep is at least 1, and for BACKUP_ROOT only.")
        began = time.monotonic()
        try:
            made = taking.take(folder or Path(settings.BACKUP_ROOT))
            self.stdout.write(f"{made}\n{_size(Manifest.read(made))}, made in {time.monotonic() - began:.1f} s")
            faults = restoring.verify(made) if verify else []
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        if faults:
            raise CommandError(f"Restored, it is not what it should be: {'; '.join(faults)}.")
        if verify:
            self.stdout.write(
                f"verified: restored, compared and dropped again, {time.monotonic() - began:.1f} s in all"
            )
        if keep is not None:
            self.stdout.write(f"{shelf.tidy(keep)} older ones removed")


def _size(manifest: Manifest) -> str:
    return (
        f"{len(manifest.evidence['tables'])} tables with {manifest.rows:,} rows, {manifest.media:,} files,"
        f" {manifest.bytes / 1_000_000:,.1f} MB"
    )
