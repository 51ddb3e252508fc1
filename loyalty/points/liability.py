"""What the shop owes in points: how many are out, what they are worth, how many will come, how it moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from loyalty.models import Account, Entry
from loyalty.points.days import months_after, zone
from shop.models import Setting

MONTHS = 24
ENOUGH = 200  # entries that spent or ended points; below, a share would be made of chance

# Rows of the table of movements; merges of cards move nothing in sum.
GROUPS: list[tuple[str, Any, tuple[str, ...]]] = [
    ("earned", gettext_lazy("Earned"), ("earn", "bonus")),
    ("opening", gettext_lazy("Brought from before"), ("opening",)),
    ("adjusted", gettext_lazy("Given and taken by staff"), ("adjust",)),
    ("spent", pgettext_lazy("points", "Spent"), ("redeem",)),
    ("restored", gettext_lazy("Given back after spending"), ("restore",)),
    ("returned", gettext_lazy("Taken back after returns"), ("reverse", "write_off")),
    ("expired", pgettext_lazy("points", "Expired"), ("expire",)),
]
KINDS = {name: kinds for name, _label, kinds in GROUPS}
# Points that came to an end one way or the other; the share that is spent is read from these.
ENDED = ("redeem", "restore", "expire")


@dataclass(frozen=True)
class Month:
    day: date  # its first

    @property
    def name(self) -> str:
        return self.day.strftime("%Y-%m")

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.day, time(), tzinfo=zone())

    @property
    def next(self) -> "Month":
        return Month(months_after(self.day, 1))

    @classmethod
    def read(cls, text: str) -> "Month | None":
        try:
            day = datetime.strptime(text, "%Y-%m").date()
        except ValueError:
            return None
        return cls(day) if 1970 <= day.year < 9999 else None  # the month after it is a month too

    @classmethod
    def now(cls) -> "Month":
        return cls(timezone.now().astimezone(zone()).date().replace(day=1))


@dataclass(frozen=True)
class Row:
    name: str
    label: Any
    points: tuple[int, ...]  # by month
    months: tuple[str, ...]

    @property
    def cells(self) -> list[tuple[str, int]]:
        return list(zip(self.months, self.points, strict=True))


class Liability:
    """As of now. `share`: of the points that came to an end, those that were spent; None when too few have."""

    def __init__(self) -> None:
        holds_some = Q(available__gt=0) | Q(pending__gt=0) | Q(held__gt=0)
        sums = Account.objects.aggregate(
            holders=Count("pk", filter=holds_some),
            debtors=Count("pk", filter=Q(debt__gt=0)),
            **{f"sum_{name}": Sum(name) for name in ("available", "pending", "held", "debt")},
        )
        for name, value in sums.items():
            setattr(self, name.removeprefix("sum_"), value or 0)
        self.value: Decimal = Setting.get("till.point_value")
        self.share = share_spent()
        this = Month.now()
        self.months = [Month(months_after(this.day, -1)), this]
        self.rows = list(self._rows())

    available: int
    pending: int
    held: int
    debt: int
    holders: int
    debtors: int

    @property
    def outstanding(self) -> int:
        return self.available + self.pending + self.held

    @property
    def worth(self) -> Decimal:
        return self.outstanding * self.value

    @property
    def expected(self) -> Decimal | None:
        return None if self.share is None else self.worth * self.share

    @property
    def net(self) -> int:
        """What the entries add up to: what is owed to the shop is counted against it."""
        return self.outstanding - self.debt

    def _rows(self) -> Iterator[Row]:
        moved = {(month, kind): points for month, kind, points in movements(self.months[0], self.months[-1].next)}
        for name, label, kinds in GROUPS:
            points = tuple(sum(moved.get((m.name, kind), 0) for kind in kinds) for m in self.months)
            if any(points):
                yield Row(name, label, points, tuple(month.name for month in self.months))

    @property
    def ends(self) -> list[tuple[str, int]]:
        """(month, points) at the end of each month; of this one, now."""
        last = self.net - sum(row.points[-1] for row in self.rows)
        return list(zip((month.name for month in self.months), (last, self.net), strict=True))

    @property
    def begins(self) -> list[tuple[str, int]]:
        """(the month before, points)."""
        [(last, at_last), _now] = self.ends
        earlier = Month(months_after(self.months[0].day, -1))
        return [(earlier.name, at_last - sum(row.points[0] for row in self.rows)), (last, at_last)]


_MOVED = """
SELECT to_char(recorded_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS month, kind, sum(points)
  FROM loyalty_entry WHERE recorded_at >= %(since)s AND recorded_at < %(until)s
 GROUP BY 1, 2 ORDER BY 1, 2
"""


def movements(first: Month, after: Month) -> list[tuple[str, str, int]]:
    """(month, kind, points) of the shop's own months."""
    values: dict[str, Any] = {"zone": str(zone()), "since": first.begin, "until": after.begin}
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, values)
        return [(month, kind, int(points)) for month, kind, points in cursor.fetchall()]


def looked_back() -> datetime:
    """The beginning of the two years that the share that is spent is read from."""
    return Month(months_after(Month.now().day, -MONTHS)).begin


def share_spent() -> Decimal | None:
    """Of all points that came to an end in two years: spent for good, not expired."""
    ended = Entry.objects.filter(recorded_at__gte=looked_back())
    sums = ended.aggregate(
        spent=Sum("points", filter=Q(kind__in=["redeem", "restore"])),
        expired=Sum("points", filter=Q(kind="expire")),
        n=Count("pk", filter=Q(kind__in=["redeem", "expire"])),
    )
    spent, expired = -(sums["spent"] or 0), -(sums["expired"] or 0)
    if sums["n"] < ENOUGH or spent + expired <= 0:
        return None
    return Decimal(spent) / (spent + expired)


def by_month() -> Iterator[list[Any]]:
    """Two years, for the file: month, what, points."""
    this = Month.now()
    labels = {kind: label for _name, label, kinds in GROUPS for kind in kinds}
    for month, kind, points in movements(Month(months_after(this.day, -MONTHS)), this.next):
        if kind in labels:
            yield [month, str(labels[kind]), points]
