import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.html import strip_tags

from analytics.models import Generation
from analytics.risk.lists import LISTS, PAGE, RiskList
from analytics.risk.reasons import Reasons


class Command(BaseCommand):
    help = "Who may stay away, most at stake first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", choices=LISTS, default="at_risk")
        parser.add_argument("--limit", type=int, default=PAGE, help="so many customers")
        parser.add_argument("--json", action="store_true", help="in a form for programs")

    def handle(self, *args: Any, list: str, limit: int, json: bool, **options: Any) -> None:
        generation = Generation.objects.current()
        if generation is None:
            raise CommandError("There are no figures yet: run recompute --full first.")
        found = RiskList(generation, list, timezone.localdate())
        rows = self._rows(found, limit)
        if json:
            self._write_json(found, rows)
            return
        self.stdout.write(f"{found.label}: {found.count(list)}")
        for row in rows:
            stake = row.scores.at_stake
            self.stdout.write(f"{row.scores.pk}  {'' if stake is None else round(stake, 2)}  {strip_tags(row.short())}")

    def _rows(self, found: RiskList, limit: int) -> list[Reasons]:
        rows, after = found.page("")
        while after and len(rows) < limit:
            more, after = found.page(after)
            rows += more
        return rows[:limit]

    def _write_json(self, found: RiskList, rows: list[Reasons]) -> None:
        facts = {"list": found.name, "as_of": found.today.isoformat(), "count": found.count(found.name)}
        self.stdout.write(json.dumps({**facts, "customers": [_facts(row) for row in rows]}))


def _facts(row: Reasons) -> dict[str, Any]:
    scores, flag = row.scores, row.flag
    return {
        "customer": scores.pk,
        "at_stake": None if scores.at_stake is None else str(scores.at_stake),
        "comes_back": row.comes_back,
        "silent_days": row.silent,
        "usual_days": row.figures.usual_gap,
        "last_on": scores.last_on.isoformat(),
        "why": strip_tags(row.short()),
        "ranks_higher": row.ranks_as is not None,
        "flag": flag and flag.stage.value,
        "due_on": flag.due_on.isoformat() if flag and flag.due_on else None,
    }
