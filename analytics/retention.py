"""What the page Retention says about one month, against the month before it."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import how
from analytics.models import Generation, PeriodFigure
from shop import formats
from shop.charts import Tile, Whisker
from shop.currency import currency_in_force
from shop.intervals import Interval, difference_of_shares, share

Mode = PeriodFigure.Mode


@dataclass(frozen=True)
class Report:
    """The months that can be shown in one mode, oldest first, and the one looked at."""

    generation: Generation
    mode: str
    months: list[PeriodFigure]
    month: PeriodFigure | None
    before: PeriodFigure | None
    newest: PeriodFigure | None

    @classmethod
    def of(cls, generation: Generation, asked_mode: str, asked_month: str) -> "Report":
        rows = list(generation.periods.order_by("month"))
        shown = {mode: _meaningful(rows, mode, generation) for mode in Mode.values}
        default = Mode.WINDOW if sum(row.complete for row in shown[Mode.WINDOW]) >= 2 else Mode.MONTHLY
        mode = asked_mode if asked_mode in Mode.values else default
        months = shown[mode]
        complete = [row for row in months if row.complete]
        chosen = {f"{row.month:%Y-%m}": row for row in months}.get(asked_month)
        month = chosen or (complete or months or [None])[-1]
        before = next((row for row in complete if month and _next(row.month) == month.month), None)
        return cls(generation, mode, months, month, before, rows[-1] if rows else None)

    @property
    def has_enough(self) -> bool:
        return self.month is not None and self.month.start > 0

    def name(self, row: PeriodFigure) -> str:
        written = formats.month(row.month, long=True)
        if row.complete:
            return written
        return _("%(month)s to the %(day)s") % {"month": written, "day": row.last_day.day}

    def url(self, **changes: str) -> str:
        asked = {"mode": self.mode, "month": f"{self.month.month:%Y-%m}" if self.month else "", **changes}
        page = "retention_csv" if "csv" in changes else "retention"
        return f"{reverse(f'analytics:{page}')}?{urlencode({k: v for k, v in asked.items() if v})}"

    def behind(self, who: str, row: PeriodFigure | None = None) -> str:
        row = row or self.month
        return behind_url(who=who, month=f"{row.month:%Y-%m}", mode=self.mode) if row else ""

    @property
    def month_name(self) -> str:
        return self.name(self.month) if self.month else ""

    @property
    def before_name(self) -> str:
        return self.name(self.before) if self.before else ""

    @property
    def window_url(self) -> str:
        return self.url(mode=Mode.WINDOW)

    @property
    def monthly_url(self) -> str:
        return self.url(mode=Mode.MONTHLY)

    def choices(self) -> list[tuple[str, str, bool]]:
        """Every month that can be looked at: address, name, whether it is this one."""
        months = reversed(self.months[-24:])
        return [(self.url(month=f"{row.month:%Y-%m}"), self.name(row), row is self.month) for row in months]

    def how(self) -> list[tuple[str, str]]:
        return how.made(self.generation)

    # ---- tiles ----------------------------------------------------------------------------------

    def tiles(self) -> list[Tile]:
        if not self.month:
            return []
        now, before = self.month, self.before
        return [
            self._share(_("Retention, strict"), now.kept, now.start, before and (before.kept, before.start), "kept"),
            self._churn(now, before),
            self._reactivated(now, before),
            self._second(),
            self._average_order(),
        ]

    def _share(self, name: str, k: int, n: int, past: tuple[int, int] | None, who: str, **more: Any) -> Tile:
        if not n:
            return _not_yet(name, _("nobody was active at the start"))
        found = share(k, n)
        verdict, tone, change = _verdict(k, n, past, good=more.pop("good", "up"))
        return Tile(
            name=name,
            value=more.pop("value", formats.percent(found.value, 1)),
            aside=more.pop("aside", ""),
            whisker=_whisker(found, past),
            range=_range(found, n, more.pop("of", "")),
            verdict=verdict,
            tone=tone,
            change=change,
            url=self.behind(who),
        )

    def _churn(self, now: PeriodFigure, before: PeriodFigure | None) -> Tile:
        past = (before.churned, before.start) if before else None
        aside = formats.percent(now.churned / now.start, 1) if now.start else ""
        value = formats.number(now.churned)
        return self._share(
            _("Churned, by name"), now.churned, now.start, past, "churned", value=value, aside=aside, good="down"
        )

    def _reactivated(self, now: PeriodFigure, before: PeriodFigure | None) -> Tile:
        past = (before.returned, before.lapsed) if before else None
        people = ngettext("%(n)s person", "%(n)s people", now.returned) % {"n": formats.number(now.returned)}
        tile = self._share(_("Reactivated"), now.returned, now.lapsed, past, "returned", aside=people, of=_("lapsed"))
        return tile if now.lapsed else _not_yet(_("Reactivated"), _("nobody had lapsed before"))

    def _second(self) -> Tile:
        name = _("Second order within 90 days")
        k, n = self.generation.totals["second_within"]["90"]
        if not n:
            day = self.generation.history_from + timedelta(days=self.generation.active_days + 90)
            return _not_yet(name, _("needs new customers seen for 90 days"), verdict=formats.day(day))
        found = share(k, n)
        since = self.generation.history_from + timedelta(days=self.generation.active_days)
        note = _("of those new since %(day)s") % {"day": formats.day(since)}
        value = formats.percent(found.value, 1)
        return Tile(name, value, whisker=_whisker(found, None), range=_range(found, n), change=note)

    def _average_order(self) -> Tile:
        value, low, high = self.generation.totals["average_order"]
        if value is None:
            return _not_yet(_("Average order"), _("no orders"))
        money = formats.money
        currency = currency_in_force()
        found = f"{money(low, currency)} – {money(high, currency)}" if low is not None else ""
        orders = ngettext("%(n)s order", "%(n)s orders", self.generation.totals["orders"])
        orders = orders % {"n": formats.number(self.generation.totals["orders"])}
        return Tile(_("Average order"), money(value, currency), range=found, change=_("over all %(n)s") % {"n": orders})


def _not_yet(name: str, why: str, verdict: str = "") -> Tile:
    return Tile(name, _("not yet"), range=why, verdict=verdict, is_small=True)


def behind_url(**asked: Any) -> str:
    return f"{_behind()}?{urlencode(asked)}"


@cache
def _behind() -> str:
    """Looked up once: a heat map has hundreds of cells."""
    return reverse("analytics:behind")


def _meaningful(rows: list[PeriodFigure], mode: str, generation: Generation) -> list[PeriodFigure]:
    """Months at whose start somebody could already have lapsed; before that every rate is 100% by itself."""
    of_mode = [row for row in rows if row.mode == mode]
    if not of_mode or generation.history_from is None:
        return []
    if mode == Mode.MONTHLY:
        return of_mode[1:]
    seen_from = generation.history_from + timedelta(days=generation.active_days)
    return [row for row in of_mode if row.month >= seen_from]


def _next(month: date) -> date:
    return month + timedelta(days=calendar.monthrange(month.year, month.month)[1])


def _range(found: Interval, n: int, of: str = "") -> str:
    low, high = (formats.number(bound * 100, 1) for bound in (found.low, found.high))
    text = _("%(low)s to %(high)s · n %(n)s") % {"low": low, "high": high, "n": formats.number(n)}
    return f"{text} {of}".rstrip()


def _whisker(found: Interval, past: tuple[int, int] | None) -> Whisker:
    """The two intervals on a scale of their own: the verdict is about their difference."""
    earlier = share(*past) if past and past[1] else None
    bounds = [(found.low, found.high)] + ([(earlier.low, earlier.high)] if earlier else [])
    drawn = (earlier.low, earlier.high) if earlier else None
    return Whisker(found.value, found.low, found.high, Whisker.around(*bounds), drawn)


def _verdict(k: int, n: int, past: tuple[int, int] | None, good: str) -> tuple[str, str, str]:
    """Up, down or cannot tell; whether that is good; the interval of the difference."""
    if not past or not past[1] or not n:
        return "", "", ""
    change = difference_of_shares(k, n, *past)
    low, high = (formats.number(bound * 100, 1) for bound in (change.low, change.high))
    between = _("%(low)s to %(high)s") % {"low": low, "high": high}
    points = {"points": formats.number(abs(change.value) * 100, 1)}
    verdict = change.verdict()
    if verdict == "cannot_tell":
        return _("Cannot tell"), "", between
    words = _("Up %(points)s points") if verdict == "up" else _("Down %(points)s points")
    return words % points, "good" if verdict == good else "bad", between
