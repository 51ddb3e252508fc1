import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.metrics import curves
from analytics.metrics.curves import WIDTHS, Curves
from analytics.metrics.gaps import GapCurve
from analytics.models import Generation


class Command(BaseCommand):
    help = "Tell after how many days customers come back, and how many are there on day N after their first purchase."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--width", type=int, choices=WIDTHS, default=0, help="days around N that count as N")
        parser.add_argument("--elapsed", action="store_true", help="N times 24 hours instead of days of the calendar")
        parser.add_argument("--json", action="store_true", help="in a form for programs")

    def handle(self, *args: Any, width: int, elapsed: bool, json: bool, **options: Any) -> None:
        generation = Generation.objects.current()
        if generation is None or not generation.customers:
            raise CommandError("There are no figures yet: run recompute first.")
        found = curves.curves(generation, width, elapsed=elapsed)
        self.stdout.write(_for_programs(generation, found) if json else _for_people(generation, found))


def _for_programs(generation: Generation, found: Curves) -> str:
    return json.dumps(
        {
            "as_of": generation.as_of.isoformat(),
            "active_days": generation.active_days,
            "gaps": _gaps(generation, "gaps"),
            "second_purchase": _gaps(generation, "second"),
            "day_n": [{"day": day, "bought": k, "of": n} for day, k, n in found.day_n],
            "rolling": [{"day": day, "bought": k, "of": n} for day, k, n in found.rolling],
        }
    )


def _gaps(generation: Generation, name: str) -> dict[str, Any]:
    curve = GapCurve.from_dict(generation.curves[name])
    low, high = curve.band()
    return {
        "completed": curve.completed,
        "proposed_window": curve.proposed_window(),
        "came_back": [round(float(share), 6) for share in curve.back],
        "low": [round(float(share), 6) for share in low],
        "high": [round(float(share), 6) for share in high],
    }


def _for_people(generation: Generation, found: Curves) -> str:
    gaps = GapCurve.from_dict(generation.curves["gaps"])
    lines = [f"As of {generation.as_of}; half of those who come back are there within {_half(gaps)} days."]
    lines += [f"day {day:>4}: {k / n:>6.1%} of {n} bought then" for day, k, n in found.day_n]
    lines += [f"day {day:>4}: {k / n:>6.1%} of {n} bought then or later" for day, k, n in found.rolling]
    return "\n".join(lines)


def _half(curve: GapCurve) -> str:
    day = curve.day_by_which(0.5 * curve.ever)
    return "–" if day is None or not curve.completed else str(day)
