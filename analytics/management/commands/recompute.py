import json
import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics import recompute, refreshing
from analytics.following import make_all
from analytics.models import Generation


class Command(BaseCommand):
    stages: dict[str, float]  # when each began
    help = "Make the figures anew from the orders: --full everything, otherwise the customers that changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--full", action="store_true", help="everything, not only what changed")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day of the figures, YYYY-MM-DD; today")
        parser.add_argument("--json", action="store_true", help="say what was done in a form for programs")

    def handle(self, *args: Any, full: bool, as_of: date | None, json: bool, **options: Any) -> None:
        start, self.stages = time.perf_counter(), {}
        if full or as_of or Generation.objects.current() is None:
            self._full(as_of)
        else:
            refreshing.refresh()
        self._report(time.perf_counter() - start, json)

    def _full(self, as_of: date | None) -> None:
        try:
            make_all(self._reached, as_of)
        except recompute.AlreadyRunning:
            raise CommandError("The figures are being made by another process.") from None

    def _reached(self, stage: str, done: int = 0, total: int = 0) -> None:
        self.stages.setdefault(stage, time.perf_counter())

    def _report(self, seconds: float, as_json: bool) -> None:
        generation = Generation.objects.current()
        facts: dict[str, Any] = {
            "seconds": round(seconds, 3),
            "customers": generation.customers if generation else 0,
        }
        ends = [*self.stages.values(), time.perf_counter()][1:]
        begun = zip(self.stages.items(), ends, strict=True)
        facts["stages"] = {stage: round(end - start, 3) for (stage, start), end in begun}
        if as_json:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(f"Figures of {facts['customers']} customers, {facts['seconds']:.2f} s.")
