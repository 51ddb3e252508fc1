"""What the customer got for their trouble: rows of the ledgers, named by staff (config/gifts.py lists the sorts)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from crm.models import Complaint, Given, Refund
from shop import formats
from shop.currency import currency_in_force
from shop.typed import number_in

SHOWN = 20  # of each sort


@dataclass(frozen=True)
class Gift:
    """One thing the customer got. `worth` is money; `shown` says it in its own measure: £5.00, 100 points."""

    what: str
    pk: int
    words: str
    about: str
    shown: str
    worth: Decimal
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.what}:{self.pk}"


def gifts(what: str, *, customer: int | None = None, numbers: Sequence[int] | None = None) -> list[Gift]:
    found: Callable[[int | None, Sequence[int] | None], list[Gift]] = import_string(_sorts()[what])
    return found(customer, numbers)


def refunds(customer: int | None, numbers: Sequence[int] | None) -> list[Gift]:
    rows = Refund.objects.select_related("order").order_by("-at", "-pk")
    rows = rows if customer is None else rows.filter(customer=customer)
    rows = rows[:SHOWN] if numbers is None else rows.filter(pk__in=numbers)
    return [
        Gift(
            "refund",
            row.pk,
            _("Refund"),
            row.order.reference if row.order else "",
            formats.money(row.amount, currency_in_force()),
            row.amount,
            row.at,
        )
        for row in rows
    ]


def to_name(complaint: Complaint) -> list[Gift]:
    """What the customer got that no complaint has named yet, the newest first."""
    found = [gift for what in _sorts() for gift in gifts(what, customer=complaint.customer_id)]
    taken = _named(found)
    return sorted((gift for gift in found if gift.key not in taken), key=lambda gift: gift.at, reverse=True)


def named(complaint: Complaint) -> list[tuple[Given, Gift | None]]:
    """What was named, with the row it stands for. A sort that is no longer there is only a word."""
    rows = list(complaint.given.order_by("pk"))
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row.what, []).append(row.number)
    known = [gift for what, asked in numbers.items() if what in _sorts() for gift in gifts(what, numbers=asked)]
    found = {gift.key: gift for gift in known}
    return [(row, found.get(f"{row.what}:{row.number}")) for row in rows]


def find(complaint: Complaint, key: str) -> Gift | None:
    """`key` as a form sends it; only what this customer got."""
    what, _colon, told = key.partition(":")
    number = number_in(told)
    if what not in _sorts() or number is None:
        return None
    return next(iter(gifts(what, customer=complaint.customer_id, numbers=[number])), None)


def name(complaint: Complaint, gift: Gift, by: Any) -> bool:
    """False: a complaint has named it before."""
    row = {"refund_id": gift.pk} if gift.what == "refund" else {"subject_type": gift.what, "subject_id": gift.pk}
    try:
        with transaction.atomic():
            Given.objects.create(complaint=complaint, what=gift.what, amount=gift.worth, by=by, **row)
    except IntegrityError:
        return False
    return True


def _sorts() -> dict[str, str]:
    return import_string(settings.GIFTS)


def _named(found: list[Gift]) -> set[str]:
    """Which of these some complaint has named."""
    refunds = [gift.pk for gift in found if gift.what == "refund"]
    others = [gift.pk for gift in found if gift.what != "refund"]
    rows = Given.objects.filter(refund__in=refunds) | Given.objects.filter(subject_id__in=others)
    return {f"{row.what}:{row.number}" for row in rows}
