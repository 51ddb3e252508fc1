"""What every import of a file has in common on the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.imports import running, wording
from crm.imports.columns import DATES, DECIMALS, Mapping
from crm.imports.reasons import Refused
from crm.models import Import
from crm.models.imports import SOURCE

SHOWN = 20  # rejected rows; the page has all of them


class ImportCommand(BaseCommand):
    """`kind` of file; the rest is the same for each."""

    kind = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default=SOURCE, help="whose order and customer numbers these are")
        parser.add_argument("--preview", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="e.g. amount=Gross")
        parser.add_argument("--sheet", default="", help="of an Excel file; without it the first one with rows")
        parser.add_argument("--encoding", help="e.g. utf-8, cp1251")
        parser.add_argument("--dates", choices=[*DATES], help="what comes first in a date")
        parser.add_argument("--decimal", choices=[*DECIMALS], help="the decimal mark")

    def handle(self, *args: Any, **options: Any) -> None:
        path, source = options["file"].absolute(), options["source"][:32]
        try:
            begun = running.begin(
                path, name=path.name, source=source, kind=self.kind, sheet=options["sheet"], owns_file=False
            )
            self._map(begun, options)
            self._run(begun, preview=options["preview"])
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def _map(self, begun: Import, options: dict[str, Any]) -> None:
        mapping = Mapping(**begun.mapping)
        for pair in options["column"]:
            ours, _, theirs = pair.partition("=")
            mapping.choose(ours, theirs)
        mapping.dates = options["dates"] or mapping.dates
        mapping.decimal = options["decimal"] or mapping.decimal
        mapping.encoding = options["encoding"] or mapping.encoding
        begun.remember(mapping=mapping.as_json)

    def _run(self, begun: Import, *, preview: bool) -> None:
        try:
            if preview:
                running.read(begun, self._progress)
            else:
                running.take_in(begun, self._progress)
                running.apply(begun)
        except Refused as refused:
            begun.refuse(refused.as_json)
            raise
        self._tell(begun)
        if preview:
            running.discard(begun)

    def _tell(self, begun: Import) -> None:
        for line in wording.summary(begun):
            self.stdout.write(line)
        for bad in begun.rejected.order_by("line", "pk")[:SHOWN]:
            self.stdout.write(wording.rejected_line(bad))

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self.stderr.isatty() and total:
            self.stderr.write(f"\r{done:,} / {total:,}", ending="")
