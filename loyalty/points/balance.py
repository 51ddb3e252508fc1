"""What somebody has at this moment, read without writing: also when the sweep has not come by yet."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone

from loyalty.models import Account, Adjustment, Lot
from shop.models import Setting

FREE = F("remaining") - F("held")


@dataclass(frozen=True)
class Ending:
    points: int
    at: datetime


@dataclass(frozen=True)
class Balance:
    available: int
    pending: int
    held: int
    debt: int
    worth: Decimal
    begins: Ending | None  # the next points that can be spent
    ends: Ending | None  # the next points that are over
    waiting: tuple[Any, ...] = ()  # adjustments that somebody must approve

    @classmethod
    def of(cls, account: Account | None, at: datetime | None = None) -> "Balance":
        at = at or timezone.now()
        if account is None:
            return cls(0, 0, 0, 0, Decimal(0), None, None)
        free = Lot.objects.free().filter(account=account)
        later = free.filter(available_at__gt=at)
        known = account.next_change_at > at
        available = account.available if known else free.available(at).free_points()
        return cls(
            available,
            account.pending if known else later.free_points(),
            account.held,
            account.debt,
            available * Setting.get("till.point_value"),
            _first(later, "available_at"),
            _first(free.filter(expires_at__gt=at), "expires_at"),
            tuple(Adjustment.objects.waiting(at).filter(account=account).select_related("asked_by").order_by("pk")),
        )


def _first(lots: Any, name: str) -> Ending | None:
    """All points of the earliest moment."""
    row = lots.order_by(name).values(name).annotate(points=Sum(FREE)).values_list(name, "points").first()
    return Ending(int(row[1]), row[0]) if row else None
