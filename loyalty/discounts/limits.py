"""How much somebody may give away without asking: by role, as dated settings of the shop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from loyalty.models import Assignment, Grant
from shop.currency import currency_in_force
from shop.formats import exact, money, number
from shop.models import Setting

CUSTOMER_DAYS = 90
LIMITED_ROLES = ("support", "manager")


@dataclass(frozen=True)
class Over:
    """A limit that would be passed. `asked` counts what was given before."""

    limit: str
    asked: Decimal
    allowed: Decimal

    def as_json(self) -> list[str]:
        return [self.limit, str(self.asked), str(self.allowed)]

    @classmethod
    def from_json(cls, values: list[str]) -> "Over":
        return cls(values[0], Decimal(values[1]), Decimal(values[2]))

    @property
    def sentence(self) -> str:
        values = {"asked": self._said(self.asked), "allowed": self._said(self.allowed)}
        return {
            "percent": _("%(asked)s off; without asking it is %(allowed)s."),
            "amount": _("One is worth %(asked)s; without asking it is %(allowed)s."),
            "customer": _("%(asked)s for this customer in 90 days, with this; without asking it is %(allowed)s."),
            "day": _("%(asked)s given today, with this; without asking it is %(allowed)s."),
            "month": _("%(asked)s given this month, with this; without asking it is %(allowed)s."),
        }[self.limit] % values

    def _said(self, value: Decimal) -> str:
        if self.limit == "percent":
            return f"{number(exact(value.normalize()), max(-int(value.normalize().as_tuple().exponent), 0))}%"
        return money(value, currency_in_force())


def of(by: Any) -> dict[str, Decimal] | None:
    """None: this person has no limits."""
    role = getattr(by, "role", None)
    if role not in LIMITED_ROLES:
        return None
    return {
        name: Decimal(Setting.get(f"discounts.{role}_{name}"))
        for name in ("percent", "amount", "customer", "day", "month")
    }


def of_each(by: Any, worth: Decimal) -> Decimal | None:
    """What one customer of many may have in 90 days. None where it keeps nobody out: this person has no limits, or one
    alone is above it, so that somebody else must approve it for everybody."""
    allowed = of(by)
    return allowed["customer"] if allowed and worth <= allowed["customer"] else None


def passed(by: Any, version: Any, worth: Decimal, *, wanted: int = 1, customer: Any = None) -> list[Over]:
    """Every limit that giving this now would pass."""
    allowed = of(by)
    if allowed is None:
        return []
    asked = {
        "percent": Decimal(version.percent),
        "amount": worth,
        "customer": given_to(customer) + worth if customer else worth,
        "day": given_by(by, _midnight()) + worth * wanted,
        "month": given_by(by, _midnight().replace(day=1)) + worth * wanted,
    }
    return [Over(name, asked[name], most) for name, most in allowed.items() if asked[name] > most]


def passed_by_program(version: Any, worth: Decimal, customer: Any) -> list[Over]:
    """A program cannot ask somebody: it has a manager's limits for one discount and for one customer."""
    asked = {"percent": Decimal(version.percent), "amount": worth, "customer": given_to(customer) + worth}
    allowed = {name: Decimal(Setting.get(f"discounts.manager_{name}")) for name in asked}
    return [Over(name, asked[name], most) for name, most in allowed.items() if asked[name] > most]


def given_by(user: Any, since: datetime) -> Decimal:
    """With what waits for approval: asking ten times is not a way around."""
    mine = Assignment.objects.counted().filter(asked_by=user, asked_at__gte=since)
    return mine.aggregate(sum=Sum(F("worth") * F("wanted")))["sum"] or Decimal(0)


def given_to(customer: Any) -> Decimal:
    return recent_of_staff().filter(customer=customer).aggregate(sum=Sum("worth"))["sum"] or Decimal(0)


def recent_of_staff() -> Any:
    since = timezone.now() - timedelta(days=CUSTOMER_DAYS)
    return Grant.objects.filter(issued_by__isnull=False, withdrawn_at=None, created_at__gte=since)


def take_turn(by: Any) -> None:
    """Two requests of one person count one after the other."""
    _one_at_a_time(f"limits of {by.pk}")


def take_turn_for(customer: Any) -> None:
    """Two who give to one customer look at what that one has one after the other. Before `take_turn`, never after."""
    _one_at_a_time(f"discounts of {customer.pk}")


def _one_at_a_time(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [name])


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
