from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.models import ApiKey, TwoKeysLive


class Command(BaseCommand):
    help = "Makes an API key and prints it, once."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--name", required=True, help="the program that will use it, such as webshop")
        parser.add_argument("--scope", action="append", required=True, help="may be given several times: orders.add …")
        parser.add_argument("--days", type=int, help="ends after so many days; without it, when it is withdrawn")

    def handle(self, *args: Any, name: str, scope: list[str], days: int | None, **options: Any) -> None:
        if not 0 < len(name.strip()) <= 64:
            raise CommandError("A name has 1 to 64 characters.")
        if days is not None and not 0 < days <= 3650:
            raise CommandError("--days is between 1 and 3650.")
        try:
            _key, text = ApiKey.make(name.strip(), scope, lasts=timedelta(days=days) if days else None)
        except TwoKeysLive:
            raise CommandError(f"{name} has two live keys; withdraw one first (Settings, API keys).") from None
        except LookupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(text)
