"""Retention clocks: what is kept for how long, what would go now, and what takes it away, a small part at a time.

Which there are is config/clocks.py. What is kept for hours is swept every hour, where its rows belong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from shop import formats
from shop.models import AuditRow, Setting

PART = 2000
COUNTED = 100_000  # on a page; the command counts to the end

Rows = Callable[[datetime], "models.QuerySet[Any]"]
Say = Callable[[Any, int], None]


@dataclass(frozen=True)
class Part:
    """Rows whose time is over; `blank`: what becomes of their fields. Without it the rows go."""

    rows: Rows
    blank: dict[str, Any] | None = None


@dataclass(frozen=True)
class Clock:
    """`setting` holds days, hours or years, 0 is never; `fixed` is for what no shop may change.

    `shown`: a row in words and its address. `page`: where a person decides, so that nothing goes by itself.
    """

    name: str
    label: Any
    does: Any
    parts: tuple[Part, ...]
    shown: Callable[[Any], tuple[str, str]]
    setting: str = ""
    unit: str = "days"
    fixed: timedelta | None = None
    page: str = ""

    @property
    def by_night(self) -> bool:
        return self.unit == "days" and not self.fixed and not self.page

    @property
    def length(self) -> int:
        """In its unit; 0: it stands still."""
        return int(self.fixed / timedelta(**{self.unit: 1})) if self.fixed else int(Setting.get(self.setting))

    def before(self) -> datetime | None:
        if not self.length:
            return None
        days = timedelta(days=365.25 * self.length) if self.unit == "years" else timedelta(**{self.unit: self.length})
        return timezone.now() - days

    def over(self) -> "list[models.QuerySet[Any]]":
        """What would go now: the dry run."""
        before = self.before()
        return [part.rows(before) for part in self.parts] if before else []

    def count(self) -> int:
        return sum(rows.order_by().count() for rows in self.over())

    def first(self, most: int) -> list[tuple[str, str]]:
        """Words and addresses of the first that would go."""
        found = [row for rows in self.over() for row in rows[:most]]
        return [self.shown(row) for row in found[:most]]

    def run(self, say: Say) -> int:
        """Takes away what is over, each part in a transaction of its own that names its reason. Returns how many."""
        before, gone = self.before(), 0
        if before is None or not self.by_night:
            return 0
        for part in self.parts:
            while took := self._take(part, before):
                gone += took
                say(self.label, gone)
        if gone:
            AuditRow.write("clock.ran", clock=self.name, count=gone)
        return gone

    @transaction.atomic
    def _take(self, part: Part, before: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('regulars.reason', %s, true)", [f"retention:{self.name}"])
        pks = list(part.rows(before).values_list("pk", flat=True)[:PART])
        rows = part.rows(before).model._base_manager.filter(pk__in=pks)
        if part.blank is None:
            rows.delete()
        else:
            rows.update(**part.blank)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('regulars.reason', '', true)")
        return len(pks)


def local_day(moment: datetime) -> str:
    return formats.day(timezone.localtime(moment).date())


def all_clocks() -> list[Clock]:
    return [import_string(path) for path in import_string(settings.CLOCKS)]


def called(name: str) -> Clock | None:
    return next((clock for clock in all_clocks() if clock.name == name), None)


def counts(clocks: list[Clock]) -> dict[str, int]:
    """How many rows of each are over, up to COUNTED; one statement for all of them."""
    parts, values = [], []
    for clock in clocks:
        for rows in clock.over():
            sql, params = rows.order_by().values("pk")[:COUNTED].query.sql_with_params()
            parts.append(f"SELECT %s AS name, (SELECT count(*) FROM ({sql}) AS over) AS n")
            values += [clock.name, *params]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, sum(n)::bigint FROM ({' UNION ALL '.join(parts)}) AS counted GROUP BY 1", values)
        return dict(cursor.fetchall())
