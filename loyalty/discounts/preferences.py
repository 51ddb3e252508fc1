"""What an owner decides about discounts: how much each role may give alone, and how many are held back."""

from decimal import Decimal
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from shop.models import User
from shop.preferences import Preference

WORDS = _("Above, somebody else approves it.")


def limits(role: User.Role, percent: int, one: int, customer: int, day: int, month: int) -> list[Preference]:
    def of(label: Any) -> Any:
        return format_lazy("{role}: {label}", role=role.label, label=label)

    def money(what: str, label: Any, default: int) -> Preference:
        return Preference(
            f"discounts.{role}_{what}",
            "discounts",
            of(label),
            "money",
            Decimal(default),
            help=WORDS,
            minimum=Decimal(0),
            maximum=Decimal(100_000_000),
        )

    return [
        Preference(
            f"discounts.{role}_percent",
            "discounts",
            of(_("most percent off")),
            "integer",
            percent,
            help=WORDS,
            minimum=0,
            maximum=100,
        ),
        money("amount", _("most one discount may be worth"), one),
        money("customer", _("most for one customer in 90 days"), customer),
        money("day", _("most that each may give in a day"), day),
        money("month", _("most that each may give in a month"), month),
    ]


PREFERENCES = [
    *limits(User.Role.SUPPORT, 15, 15, 40, 150, 1_500),
    *limits(User.Role.MANAGER, 30, 50, 150, 20_000, 60_000),
    Preference(
        "discounts.held_back",
        "discounts",
        _("Percent of a segment that is held back"),
        "integer",
        10,
        help=_("From 100 customers on, by lot: only so can be seen whether a discount helped. 0: nobody."),
        minimum=0,
        maximum=50,
    ),
    Preference(
        "discounts.days_after_return",
        "discounts",
        _("Days to use a discount again when the order came back after it had run out"),
        "integer",
        7,
        minimum=1,
        maximum=90,
    ),
]
