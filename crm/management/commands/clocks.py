"""Retention clocks from the command line: what would go, or what went."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.privacy.clocks import Clock, all_clocks


class Command(BaseCommand):
    help = "Takes away what has been kept for long enough, as the settings say; the night does the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many rows would go")
        parser.add_argument("--clock", choices=[clock.name for clock in all_clocks()], help="this one only")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *, dry_run: bool, clock: str | None, json: bool, **options: Any) -> None:
        chosen = [one for one in all_clocks() if clock in (None, one.name)]
        if clock and not dry_run and not chosen[0].by_night:
            raise CommandError(
                f"{clock} is swept every hour, or somebody decides about it; only --dry-run is possible."
            )
        told = [self._told(one, dry_run) for one in chosen]
        self._say(told, as_json=json)

    @staticmethod
    def _told(clock: Clock, dry_run: bool) -> dict[str, Any]:
        before = clock.before()
        rows = clock.count() if dry_run or not clock.by_night else clock.run(lambda label, gone: None)
        return {
            "clock": clock.name,
            "before": before and before.isoformat(timespec="seconds"),
            "rows": rows,
            "gone": not dry_run and clock.by_night,
        }

    def _say(self, told: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(told, indent=2))
            return
        for one in told:
            state = "gone" if one["gone"] else "would go"
            since = f"from before {one['before']}" if one["before"] else "the clock stands still"
            self.stdout.write(f"{one['clock']}: {one['rows']} rows {state} ({since})")
