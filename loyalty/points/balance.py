"""What somebody has at this moment, read without writing: also when the sweep has not come by yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import F, Sum
from django.utils import timezone

from loyalty.models import Account, Adjustment, Hold, Lot
from loyalty.points.days import local_day
from shop.models import Setting
from shop.prepared import NOW, prepared

FREE = F("remaining") - F("held")
ORDERS_OF_A_DAY = 50


class Asked(NamedTuple):
    """What a balance is read from, beside the account itself."""

    begin: Any
    end: Any
    waiting: Any

    @classmethod
    def about(cls, account: Account) -> "Asked":
        return cls(_begin(account), _end(account), _waiting(account))


@prepared
def _begin(account: Any) -> Any:
    return _sums(Lot.objects.free().filter(account=account, available_at__gt=NOW), "available_at")[:ORDERS_OF_A_DAY]


@prepared
def _end(account: Any) -> Any:
    return _sums(Lot.objects.free().filter(account=account, expires_at__gt=NOW), "expires_at")[:1]


@prepared
def _waiting(account: Any) -> Any:
    return Adjustment.objects.waiting(NOW).filter(account=account).select_related("asked_by").order_by("pk")


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
    holds: Iterable[Any] = ()  # what is put aside, whose time is over first; asked for only by who shows it

    @classmethod
    def of(cls, account: Account | None, asked: Asked | None = None) -> "Balance":
        at = timezone.now()
        if account is None:
            return cls(0, 0, 0, 0, Decimal(0), None, None)
        asked = asked or Asked.about(account)
        free = Lot.objects.free().filter(account=account)
        known = account.next_change_at > at
        available = account.available if known else free.available(at).free_points()
        return cls(
            available,
            account.pending if known else free.filter(available_at__gt=at).free_points(),
            account.held,
            account.debt,
            available * Setting.get("till.point_value"),
            _first(asked.begin),
            _first(asked.end),
            tuple(asked.waiting),
            _holds(account) if account.held else (),
        )


def _holds(account: Account) -> Any:
    return Hold.objects.open().filter(account=account).select_related("checkout").order_by("expires_at", "pk")


def _sums(lots: Any, name: str) -> Any:
    """All points of a moment, the earliest first."""
    return lots.order_by(name).values(name).annotate(points=Sum(FREE)).values_list(name, "points")


def _first(sums: Any) -> Ending | None:
    """All points of the earliest day, as a day is all that is said of them; `at` is when the last of them come."""
    return next((Ending(points, at) for at, points in by_day(sums)), None)


@prepared
def endings(account: Any) -> Any:
    """So many points by the moment they are over, as by_day() reads them; of one account."""
    return _sums(Lot.objects.free().filter(account=account, expires_at__gt=NOW), "expires_at")[:ORDERS_OF_A_DAY]


def by_day(sums: Iterable[tuple[datetime, int]]) -> Iterator[tuple[datetime, int]]:
    """Points by the moment, in order, put together by the day of the shop."""
    for _day, rows in groupby(sums, lambda row: local_day(row[0])):
        moments = list(rows)
        yield moments[-1][0], sum(int(points) for _at, points in moments)
