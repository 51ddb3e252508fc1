import signal
from typing import Any

from django.core.management.base import BaseCommand

from crm.events.relay import Relay


class Command(BaseCommand):
    help = "Wakes the workers when the database has work for them; runs until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        stops: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda signum, frame: stops.append(signum))
        Relay().run(stopped=lambda: bool(stops))
