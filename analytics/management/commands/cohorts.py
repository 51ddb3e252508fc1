import json
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.models import Generation
from analytics.reports.cohorts import KINDS, Report
from shop import formats


class Command(BaseCommand):
    help = "Tell of those who first bought in a month how many bought in the months after it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", choices=list(KINDS), default="bought", help="in a month, then or later, by then")
        parser.add_argument("--json", action="store_true", help="in a form for programs")

    def handle(self, *args: Any, kind: str, json: bool, **options: Any) -> None:
        generation = Generation.objects.current()
        if generation is None:
            raise CommandError("There are no figures yet: run recompute first.")
        report = Report.of(generation, {"cohorts": kind})
        self.stdout.write(_for_programs(report) if json else _for_people(report))


def _for_programs(report: Report) -> str:
    cells = report.generation.cohort_cells.order_by("cohort", "month")
    cohorts = []
    for cohort, some in groupby(cells, key=lambda cell: cell.cohort):
        row = list(some)
        counts = [{"month": one.month, "customers": getattr(one, report.kind), "complete": one.complete} for one in row]
        cohorts.append(
            {
                "cohort": f"{cohort:%Y-%m}",
                "members": row[0].members,
                "known_before": row[0].known_before,
                "months": counts,
            }
        )
    return json.dumps({"as_of": report.generation.as_of.isoformat(), "kind": report.kind, "cohorts": cohorts})


def _for_people(report: Report) -> str:
    lines = []
    for heat in report.charts().values():
        lines.append(heat.title)
        for row in heat.cohorts:
            shares = " ".join(_share(cell.value, is_open=cell.open) for cell in row.cells)
            lines.append(f"{row.label:<10}{row.n:>8}  {shares}")
    return "\n".join(lines)


def _share(value: float | None, *, is_open: bool) -> str:
    return f"{formats.percent(value or 0):>5}{'*' if is_open else ' '}"
