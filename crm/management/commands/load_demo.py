import secrets
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.demo import consents, orders, people, story
from crm.imports import wording
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

    def handle(self, *args: Any, **options: Any) -> None:
        if Order.objects.exists():
            raise CommandError("There are orders already; the demo is only loaded into an empty shop.")
        passwords = {name: password() for name in STAFF}
        with Setting.read_once():
            loaded = self._load(passwords)
        for line in [*loaded, CREDIT]:
            self.stdout.write(line)
        if "recompute" in get_commands():  # the room of the figures is there
            call_command("recompute", full=True, stdout=self.stdout)
        for name, (_, role) in STAFF.items():
            self.stdout.write(f"{f'{name}@regulars.example':24} {passwords[name]:16} {role}")

    @transaction.atomic
    def _load(self, passwords: dict[str, str]) -> list[str]:
        for name, value in SHOP.items():
            Setting.put(name, value)
        staff = {name: colleague(name, passwords[name]) for name in STAFF}
        today = timezone.now().astimezone(ZoneInfo(str(SHOP["shop.time_zone"]))).date()
        order_import = orders.bring(today - timedelta(days=1))
        people.invent()
        with connection.cursor() as cursor:  # the planner takes tables for empty that nobody has looked at
            cursor.execute("ANALYZE crm_order, crm_customer, crm_identifier, crm_refund")
        consents.ask()
        story.tell(staff, today)
        for tell in settings.DEMO:
            import_string(tell)(staff, today)
        return [
            f"The demo shop {SHOP['shop.name']}, to {today - timedelta(days=1)}.",
            *wording.summary(order_import)[:1],
        ]


def password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def colleague(name: str, new_password: str) -> User:
    full_name, role = STAFF[name]
    email = f"{name}@regulars.example"
    user = User.objects.filter(email=email).first()
    if user is None:
        return User.objects.create_user(email, new_password, name=full_name, role=role)
    user.set_password(new_password)
    user.save(update_fields=["password"])
    return user
