"""Putting a backup into a scratch database: to prove it, or to let it take the place of what is there.

Nothing is overwritten: the database that was there stays beside the new one under another name.
"""

import secrets
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop

from shop.backup import evidence, shelf
from shop.backup.databases import Database
from shop.backup.manifest import DATABASE, FILES, Manifest
from shop.backup.programs import program
from shop.backup.refusal import Refusal
from shop.backup.running import run
from shop.backup.taking import Tell, silent
from shop.backup.together import Work, together

CHECK = gettext_noop("Checking the files of the backup")
FILL = gettext_noop("Restoring into a scratch database")
COMPARE = gettext_noop("Comparing what came out")
SETTLE = gettext_noop("Holding back what must not go out twice")
LEDGER = gettext_noop("Checking what must add up")


def verify(folder: Path, tell: Tell = silent, *, foreign: bool = False) -> list[str]:
    """Restores it into a scratch database, which goes again, and returns what is not as it should be.

    Raises Refusal when it is not even a backup of this shop.
    """
    with _restored(folder, tell, foreign=foreign) as (_manifest, _scratch, faults):
        shelf.note(folder, faults)
        return faults


def restore(folder: Path, tell: Tell = silent, *, foreign: bool = False) -> tuple[str, list[str]]:
    """Lets it take the place of the shop's database; returns the name under which the old one stays, and what was said.

    Before it does, it is verified, nothing that waited in it is left to go out a second time, and who was erased
    since is erased again.
    """
    ours = Database.ours()
    with _restored(folder, tell, foreign=foreign) as (_manifest, scratch, faults):
        if faults:
            raise Refusal(f"Not restored; the shop is as it was. {'; '.join(faults)}.")
        unpack(folder / FILES)
        said = [_manage(scratch, command, lambda: tell(SETTLE)) for command in settings.AFTER_RESTORE]
        connection.close()
        kept_as = f"{ours.name}_before_{datetime.now(UTC):%Y%m%d%H%M%S}"
        scratch.take_the_place_of(ours, kept_as=kept_as)
    return kept_as, said


@contextmanager
def _restored(folder: Path, tell: Tell, *, foreign: bool) -> Iterator[tuple[Manifest, Database, list[str]]]:
    tell(CHECK)
    manifest = Manifest.read(folder, foreign=foreign)
    manifest.check_version()
    together([Work(lambda: manifest.check_files(folder), lambda: None)], lambda: tell(CHECK))
    ours = Database.ours()
    scratch = ours.called(f"{ours.name}_scratch_{secrets.token_hex(4)}")
    scratch.make(like=ours)
    try:
        _fill(scratch, folder / DATABASE, tell)
        faults = [*_compared(manifest, scratch, tell)]
        if not faults:
            tell(LEDGER)
            _manage(scratch, ["migrate", "--noinput"], lambda: tell(LEDGER))
            faults = [*_checked(scratch, tell)]
        yield manifest, scratch, faults
    finally:
        scratch.drop()


def _fill(scratch: Database, dump: Path, tell: Tell) -> None:
    tell(FILL)
    command: list[str | Path] = [program("pg_restore"), "--exit-on-error", "--no-owner", "--no-privileges", "--jobs=2"]
    filling = run("pg_restore", [*command, f"--dbname={scratch.address}", dump], scratch.environment)
    together([filling], lambda: tell(FILL))


def _compared(manifest: Manifest, scratch: Database, tell: Tell) -> Iterator[str]:
    progress = [0, 0]

    def counted(done: int, total: int) -> None:
        progress[:] = [done, manifest.rows]

    with scratch.connect() as there:
        work = Work(lambda: evidence.gather(there, counted), there.cancel_safe)
        (found,) = together([work], lambda: tell(COMPARE, *progress))
        there.execute("ANALYZE")
    yield from evidence.differences(manifest.evidence, found)


def _checked(scratch: Database, tell: Tell) -> Iterator[str]:
    for command in settings.BACKUP_CHECKS:
        try:
            _manage(scratch, command, lambda: tell(LEDGER))
        except Refusal as fault:
            yield str(fault)


def _manage(database: Database, command: Sequence[str], tick: Callable[[], None]) -> str:
    """What a management command of ours says that works with this database."""
    program_and_words: list[str | Path] = [sys.executable, settings.BASE_DIR / "manage.py", *command]
    (said,) = together([run(command[0], program_and_words, database.site_environment)], tick)
    return str(said)


def unpack(path: Path) -> int:
    """Files that are missing come back; one that is there is the same file, since a file never changes."""
    root, back = Path(settings.MEDIA_ROOT), 0
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path) as tar:
        for member in tar:
            if not (root / member.name).exists():
                tar.extract(member, root, filter="data")
                (root / member.name).touch()  # a file that is old and that no row names yet would be swept
                back += 1
    return back
