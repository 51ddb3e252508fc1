from argparse import ArgumentParser
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.metrics.spans import MONTH, Span
from analytics.metrics.table import MONTHLY, WINDOW
from analytics.models import Generation
from analytics.reports import figures, told
from analytics.reports.choice import AGAINST, Choice
from analytics.reports.figures import Figure


class Command(BaseCommand):
    help = "Say every figure of a period: of everybody or of one group, against another period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", default="", help="2026-11, 2026-Q4, 2026 or 2026-03-05..2026-04-10; last month")
        parser.add_argument(
            "--group", default="", help="tier-3, source-web, cohort-2026-03, rfm-loyal, flagged, segment-7"
        )
        parser.add_argument("--against", default="before", choices=AGAINST, help="what to compare with")
        parser.add_argument("--mode", default=WINDOW, choices=(WINDOW, MONTHLY), help="what active means")
        parser.add_argument("--json", action="store_true", help="in a form for programs")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        generation = Generation.objects.current()
        if generation is None or not generation.customers:
            raise CommandError("There are no figures yet: run recompute first.")
        asked = {name: options[name] for name in ("period", "group", "against", "mode")}
        last = Span.of(generation.as_of, MONTH).before
        choice = Choice.read(generation, asked, _Anybody(), mode=WINDOW, span=last)
        if choice.unread:
            raise CommandError(" ".join(choice.unread))
        found = figures.all_of(choice, figures.sums_of(choice))
        self.stdout.write(dumps(told.of_choice(choice, found)) if json else "\n".join(_line(one) for one in found))


class _Anybody:
    """Whoever sits at the machine may see all; of saved views those that are shared."""

    pk = None

    def may(self, right: str) -> bool:
        return True


def _line(one: Figure) -> str:
    if one.now is None:
        return f"{one.metric.name}: not yet, {one.not_yet}"
    between = f" ({one.between})" if one.between else ""
    return f"{one.metric.name}: {one.value}{between}, n {one.now.n} {one.verdict}".rstrip()
