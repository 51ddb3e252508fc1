import json
from argparse import ArgumentParser
from typing import Any

from crm.imports import wording
from crm.imports.reasons import rejection_in_words
from crm.management.commands._importing import ImportCommand
from crm.models import Import


class Command(ImportCommand):
    help = "Imports answers to surveys, collected elsewhere, from a CSV or Excel file. Twice changes nothing."
    kind = "responses"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--survey", default="", help="of rows that name none: its number, or its name")
        parser.add_argument("--json", action="store_true", help="print counts and rejected rows as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json, self.survey = options["json"], options["survey"]
        super().handle(*args, **options)

    def _map(self, begun: Import, options: dict[str, Any]) -> None:
        super()._map(begun, options)
        begun.remember(report={**begun.report, "survey": self.survey.strip()})

    def _tell(self, begun: Import) -> None:
        if not self.as_json:
            super()._tell(begun)
            return
        report = begun.report
        rejected = [
            {"line": bad.line, "column": bad.column, "reason": bad.reason, "text": rejection_in_words(bad.reason)}
            for bad in begun.rejected.order_by("line", "pk")
        ]
        told = {"import": begun.pk, "applied": bool(begun.applied_at), "created": report["create"]}
        told |= {"same": report["same"], "of_known_customers": report["named"], "rejected": rejected}
        self.stdout.write(json.dumps(told | {"summary": wording.summary(begun)}, ensure_ascii=False, indent=2))
