"""Making a backup, while the shop goes on: everything in it is of one moment."""

import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.utils.translation import gettext_noop

from shop import disk
from shop.backup import evidence
from shop.backup.databases import Database
from shop.backup.manifest import DATABASE, FILES, Manifest, described
from shop.backup.programs import program
from shop.backup.refusal import Refusal
from shop.backup.running import run
from shop.backup.together import Work, together

COPY, PACK = gettext_noop("Copying the database"), gettext_noop("Packing the files")
UNFINISHED = ".unfinished-"
_FORMAT = ["--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges"]


class Tell(Protocol):
    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None: ...


def silent(stage: str, done: int = 0, total: int = 0) -> None:
    """For who does not want to hear how far it is."""


def take(shelf: Path, tell: Tell = silent) -> Path:
    """A new folder on the shelf. It gets its name when it is whole, so a folder with a name is a whole backup."""
    made_at = datetime.now(UTC)
    if disk.nearly_full():
        raise Refusal("The disk is nearly full; a backup was not begun.")
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = shelf / f"{UNFINISHED}{secrets.token_hex(4)}"
    unfinished.mkdir(mode=0o700)
    try:
        found, version = _copy_database(unfinished / DATABASE, tell)
        tell(PACK)
        media = together([Work(lambda: _pack(unfinished / FILES), lambda: None)], lambda: tell(PACK))[0]
        files = {name: described(unfinished / name) or {} for name in (DATABASE, FILES)}
        Manifest(made_at, settings.SHOP, version, found, media, files).write(unfinished)
        _to_disk(unfinished)
        finished = shelf / f"{made_at:%Y-%m-%dT%H%M%SZ}"
        return unfinished.rename(finished)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _copy_database(path: Path, tell: Tell) -> tuple[evidence.Evidence, int]:
    """pg_dump and the count of what it must hold see the same moment: they share a snapshot."""
    ours = Database.ours()
    progress = [0, 0]

    def counted(done: int, total: int) -> None:
        progress[:] = [done, total]

    with _one_moment(ours) as (connection, snapshot):
        wanted = [f"--snapshot={snapshot}", f"--file={path}", f"--dbname={ours.address}"]
        dump = run("pg_dump", [program("pg_dump"), *_FORMAT, *wanted], ours.environment)
        count = Work(lambda: evidence.gather(connection, counted), connection.cancel_safe)
        found, _done = together([count, dump], lambda: tell(COPY, *progress))
        return found, connection.info.server_version // 10_000


@contextmanager
def _one_moment(database: Database) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    with database.connect() as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        yield connection, row[0]


def _pack(path: Path) -> int:
    """A file that goes while we pack was deleted on purpose, so it is left out."""
    root, packed = Path(settings.MEDIA_ROOT), 0
    with tarfile.open(path, "w") as tar:
        for file in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
            try:
                tar.add(file, arcname=str(file.relative_to(root)), recursive=False)
            except FileNotFoundError:
                continue
            packed += 1
    return packed


def _to_disk(folder: Path) -> None:
    for path in [*folder.iterdir(), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if path.is_file():
            path.chmod(0o600)
