from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.backup import restoring
from shop.backup.databases import Database
from shop.backup.refusal import Refusal


class Command(BaseCommand):
    help = (
        "Restores a backup in the place of the shop's database, which stays beside it under another name;"
        " with --verify only into a scratch database, to prove that it can be done."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path, help="a folder that bin/manage backup made")
        parser.add_argument("--verify", action="store_true", help="change nothing: restore into a scratch database")
        parser.add_argument("--foreign", action="store_true", help="made with another SECRET_KEY, and you know by whom")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, folder: Path, verify: bool, foreign: bool, yes: bool, **options: Any) -> None:
        try:
            if verify:
                self._verify(folder, foreign)
            elif yes or self._confirmed():
                self._restore(folder, foreign)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None

    def _verify(self, folder: Path, foreign: bool) -> None:
        faults = restoring.verify(folder, foreign=foreign)
        if faults:
            raise CommandError(f"Restored, it is not what it should be: {'; '.join(faults)}.")
        self.stdout.write("It can be restored: every table, value, trigger and the ledger are as they were.")

    def _restore(self, folder: Path, foreign: bool) -> None:
        kept_as, said = restoring.restore(folder, foreign=foreign)
        for line in said:
            self.stdout.write(line.strip())
        self.stdout.write(f"Restored. What was there before stays as database {kept_as}; drop it when all is well.")

    def _confirmed(self) -> bool:
        name = Database.ours().name
        self.stdout.write(f"The backup takes the place of database {name}. Stop web, relay, worker and beat first.")
        try:
            typed = input("Type the name of the database to go on: ").strip()
        except EOFError:
            raise CommandError("Nobody is there to confirm: add --yes.") from None
        if typed != name:
            raise CommandError("Nothing was done.")
        return True
