import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.metrics.rfm_grid import HORIZONS
from analytics.models import Generation
from analytics.reports.rfm import Report


class Command(BaseCommand):
    help = "Tell who stands where by recency, frequency and money, and how many moved from group to group."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, choices=HORIZONS, default=HORIZONS[1], help="over which moves are told")
        parser.add_argument("--json", action="store_true", help="in a form for programs")

    def handle(self, *args: Any, days: int, json: bool, **options: Any) -> None:
        generation = Generation.objects.current()
        report = Report.of(generation, {"days": str(days)}) if generation else None
        if report is None:
            raise CommandError("There are no figures yet: run recompute first.")
        self.stdout.write(_for_programs(report) if json else _for_people(report))


def _for_programs(report: Report) -> str:
    return json.dumps(
        {
            "as_of": report.generation.as_of.isoformat(),
            "borders": report.generation.borders,
            "cells": [
                {"r": cell.r, "f": cell.f, "group": cell.group, "customers": cell.n}
                for _name, _silence, cells in report.grid
                for cell in cells
            ],
            "groups": [
                {"group": one.group, "customers": one.n, "spent": one.spent, "worth_365": one.worth}
                for one in report.standings
            ],
            "moves": {
                "days": report.days,
                "pairs": [{"from": move.before, "to": move.after, "customers": move.n} for move in report.moves],
            },
        }
    )


def _for_people(report: Report) -> str:
    lines = [f"{one.name:<18}{one.n:>9}{one.share:>8.1%}   +{one.came} -{one.went}" for one in report.standings]
    return "\n".join([f"As of {report.generation.as_of}, moves within {report.days} days:", *lines])
