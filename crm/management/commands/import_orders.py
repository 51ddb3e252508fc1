from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.imports import running, wording
from crm.imports.columns import DATES, DECIMALS, Mapping
from crm.imports.reasons import Refused
from crm.models import Import
from crm.models.imports import SOURCE


class Command(BaseCommand):
    help = "Imports orders from a CSV file (also packed with gzip). The same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default=SOURCE, help="whose order and customer numbers these are")
        parser.add_argument("--preview", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="e.g. amount=Gross")
        parser.add_argument("--encoding", help="e.g. utf-8, cp1251")
        parser.add_argument("--dates", choices=[*DATES], default="auto", help="what comes first in a date")
        parser.add_argument("--decimal", choices=[*DECIMALS], default="auto", help="the decimal mark")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            order_import = running.begin(
                options["file"].absolute(),
                name=options["file"].name,
                source=options["source"][:32],
                kind="orders",
                owns_file=False,
            )
            self._map(order_import, options)
            self._run(order_import, preview=options["preview"])
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def _map(self, order_import: Import, options: dict[str, Any]) -> None:
        mapping = Mapping(**order_import.mapping)
        for pair in options["column"]:
            ours, _, theirs = pair.partition("=")
            mapping.choose(ours, theirs)
        mapping.dates, mapping.decimal = options["dates"], options["decimal"]
        mapping.encoding = options["encoding"] or mapping.encoding
        order_import.remember(mapping=mapping.as_json)

    def _run(self, order_import: Import, *, preview: bool) -> None:
        try:
            if preview:
                running.read(order_import, self._progress)
            else:
                running.take_in(order_import, self._progress)
                running.apply(order_import)
        except Refused as refused:
            order_import.refuse(refused.as_json)
            raise
        for line in wording.summary(order_import):
            self.stdout.write(line)
        for bad in order_import.rejected.order_by("line", "pk")[:20]:
            self.stdout.write(wording.rejected_line(bad))
        if preview:
            running.discard(order_import)

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self.stderr.isatty() and total:
            self.stderr.write(f"\r{done:,} / {total:,}", ending="")
