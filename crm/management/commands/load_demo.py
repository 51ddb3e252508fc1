import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.demo import consents, orders, people, story
from crm.imports import wording
from crm.imports.reasons import Refused
from crm.models import Order
from shop.models import Setting, User

SHOP = {
    "shop.name": "Tansy & Wren",
    "shop.currency": "GBP",
    "shop.time_zone": "Europe/London",
    "analytics.active_days": 200,  # the year on file is short for the 285 days that its own gaps propose
}
STAFF = {
    "ada": ("Ada Penhale", "administrator"),
    "mira": ("Mira Nair", "manager"),
    "sam": ("Sam Ashby", "support"),
}
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another
CREDIT = (
    "Orders: Online Retail, D. Chen, S. L. Sain, K. Guo 2012, doi 10.1057/dbm.2012.17, CC BY 4.0. People: invented."
)


class Command(BaseCommand):
    help = "Fills an empty shop with the demo: real order histories, moved to end yesterday, of invented people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--finish", action="store_true", help="go on where an earlier loading was interrupted")

    def handle(self, *args: Any, finish: bool, **options: Any) -> None:
        if Order.objects.exists() != finish:
            raise CommandError(
                "There is nothing to finish: no orders are here yet."
                if finish
                else "There are orders already; the demo is only loaded into an empty shop."
            )
        passwords = {name: password() for name in STAFF}
        # Making what is kept of a password takes a second of a processor each, while the database is at work.
        with ThreadPoolExecutor() as beside, Setting.read_once():
            hashes = {name: beside.submit(make_password, passwords[name]) for name in STAFF}
            loaded = self._let_in(hashes) if finish else self._loaded(hashes)
        for line in [*loaded, CREDIT]:
            self.stdout.write(line)
        if "recompute" in get_commands():  # the room of the figures is there
            call_command("recompute", full=True, stdout=self.stdout)
        for name, (_, role) in STAFF.items():
            self.stdout.write(f"{f'{name}@regulars.example':24} {passwords[name]:16} {role}")

    def _loaded(self, hashes: dict[str, Future[str]]) -> list[str]:
        try:
            return self._load(hashes)
        except Refused as refused:
            raise CommandError(str(refused)) from None

    @staticmethod
    def _let_in(hashes: dict[str, Future[str]]) -> list[str]:
        """Nobody was told the passwords of a loading that was interrupted: they get new ones."""
        for name, hashed in hashes.items():
            User.objects.filter(email=f"{name}@regulars.example").update(password=hashed.result())
        return [f"The demo shop {SHOP['shop.name']}."]

    @transaction.atomic
    def _load(self, hashes: dict[str, Future[str]]) -> list[str]:
        for name, value in SHOP.items():
            Setting.put(name, value)
        staff = {name: colleague(name) for name in STAFF}
        today = timezone.now().astimezone(ZoneInfo(str(SHOP["shop.time_zone"]))).date()
        order_import = orders.bring(today - timedelta(days=1))
        people.invent()
        with connection.cursor() as cursor:  # the planner takes tables for empty that nobody has looked at
            cursor.execute("ANALYZE crm_order, crm_customer, crm_identifier, crm_refund")
        consents.ask()
        story.tell(staff, today)
        for tell in settings.DEMO:
            import_string(tell)(staff, today)
        self._let_in(hashes)
        return [
            f"The demo shop {SHOP['shop.name']}, to {today - timedelta(days=1)}.",
            *wording.summary(order_import)[:1],
        ]


def password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def colleague(name: str) -> User:
    """Who cannot sign in yet."""
    full_name, role = STAFF[name]
    email = f"{name}@regulars.example"
    return User.objects.filter(email=email).first() or User.objects.create_user(email, None, name=full_name, role=role)
