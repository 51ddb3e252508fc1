from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from loyalty.points.keeping_watch import run


class Command(BaseCommand):
    help = "Replays every account of points and prints what does not fit together. Repairs nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="only say how many differences there are")

    def handle(self, *args: Any, quiet: bool, **options: Any) -> None:
        kept = run(tell=None if quiet else lambda difference: self.stdout.write(str(difference)))
        self.stdout.write(f"{kept.accounts} accounts, {kept.entries} entries, {kept.differences} differences")
        if kept.differences:
            raise SystemExit(1)
