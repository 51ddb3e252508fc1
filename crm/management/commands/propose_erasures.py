"""The dry run of the clock of old cards, from the command line."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.privacy import clock


class Command(BaseCommand):
    help = "Count the cards on which nothing has happened for years. Nothing is erased."

    def handle(self, *args: Any, **options: Any) -> None:
        if not clock.years():
            self.stdout.write("The clock stands still: no number of years is set.")
            return
        found = clock.propose()
        self.stdout.write(f"{found} cards without activity since {clock.before()} are proposed for erasure.")
