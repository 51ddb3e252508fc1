"""What the page Retention says about one period of one group, against another period."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.metrics import asking
from analytics.metrics.spans import MONTH, Span
from analytics.metrics.sums import Moved, Sums
from analytics.models import Generation, PeriodFigure
from analytics.reports import figures, how
from analytics.reports.choice import Choice, Item, Nobody
from analytics.reports.figures import Figure
from crm.facets import Asker
from shop import formats
from shop.at_once import once
from shop.charts import Tile
from shop.currency import currency_in_force
from shop.prepared import prepared

Mode = PeriodFigure.Mode


@once
@prepared
def periods_of(generation: Any) -> Any:
    return PeriodFigure.objects.filter(generation=generation).order_by("month")


@dataclass(frozen=True)
class Report:
    """The months that can be shown in one mode, oldest first, and the period looked at."""

    generation: Generation
    choice: Choice
    months: list[PeriodFigure]
    newest: PeriodFigure | None
    asker: Asker = field(default_factory=Nobody)

    @classmethod
    def of(cls, generation: Generation, asked: Mapping[str, str], asker: Asker | None = None) -> "Report":
        rows = list(periods_of(generation))
        shown = {mode: _meaningful(rows, mode, generation) for mode in Mode.values}
        default = Mode.WINDOW if sum(row.complete for row in shown[Mode.WINDOW]) >= 2 else Mode.MONTHLY
        asker = asker or Nobody()
        months = shown[asked["mode"] if asked.get("mode") in Mode.values else default]
        last = ([row for row in months if row.complete] or months or rows or [None])[-1]
        span = Span.of(last.month if last else generation.as_of, MONTH)
        choice = Choice.read(generation, asked, asker, mode=default, span=span)
        return cls(generation, choice, months, rows[-1] if rows else None, asker)

    # ---- What is looked at ------------------------------------------------------------------------
    @property
    def mode(self) -> str:
        return self.choice.mode

    @cached_property
    def drawn(self) -> list[PeriodFigure]:
        """The months of the group, of which those count at whose start somebody could have lapsed."""
        if self.choice.group.is_everybody or not self.generation.is_current:
            return self.months
        shown = {row.month for row in self.months}
        found = asking.months(self.generation, self.choice.group)
        return [_as_row(one, self.mode) for one in found if one.span.first in shown]

    @cached_property
    def sums(self) -> tuple[Sums, Sums | None]:
        return figures.sums_of(self.choice)

    @property
    def moved(self) -> Moved:
        return self.sums[0].bought if self.mode == Mode.MONTHLY else self.sums[0].window

    @property
    def has_enough(self) -> bool:
        return any(row.start > 0 for row in self.drawn)

    @property
    def month(self) -> PeriodFigure | None:
        """The last complete month, which the title of the chart is about."""
        complete = [row for row in self.drawn if row.complete]
        return (complete or self.drawn or [None])[-1]

    @property
    def before(self) -> PeriodFigure | None:
        month = self.month
        return next((row for row in self.drawn if row.complete and month and _next(row.month) == month.month), None)

    # ---- Addresses and words ----------------------------------------------------------------------
    def url(self, **changes: str) -> str:
        return self.choice.url("analytics:retention_csv" if "csv" in changes else "analytics:retention", **changes)

    def behind(self, who: str, row: PeriodFigure | None = None) -> str:
        return self.choice.behind(who, Span.of(row.month, MONTH) if row else None)

    @property
    def period_name(self) -> str:
        return self.choice.span.name

    @property
    def group_choices(self) -> list[tuple[str, list[Item]]]:
        return self.choice.groups(self.asker)

    @property
    def late(self) -> str:
        """What was given back of the period's orders after it was over."""
        late = self.sums[0].late
        if not late or not self.choice.span.complete:
            return ""
        amount = formats.money(round(late, 3), currency_in_force())
        words = _("%(money)s of its orders were given back after it was over; its figures changed with that.")
        return words % {"money": amount}

    @property
    def against_choices(self) -> list[tuple[str, list[Item]]]:
        return [("", self.choice.againsts())]

    @property
    def mode_choices(self) -> list[tuple[str, list[Item]]]:
        return [("", self.choice.modes())]

    @property
    def mode_name(self) -> str:
        return next(item.label for item in self.choice.modes() if item.here)

    def how(self) -> list[tuple[str, str]]:
        return how.made(self.generation)

    def definitions(self) -> list[tuple[Any, Any]]:
        return [(one.metric.label, one.metric.says) for one in self.figures]

    @cached_property
    def versions(self) -> list[tuple[str, str, bool]]:
        """Address, name, whether it is this one: of each version of the definitions its last figures."""
        if self.generation.definition == 1 and self.generation.is_current:
            return []
        rows = Generation.objects.last_of_each_definition().only("definition", "definition_since", "is_current")
        return [
            (
                self.choice.url(version="" if row.is_current else str(row.definition), group="", period=""),
                _("Definition v%(n)s, since %(day)s") % {"n": row.definition, "day": formats.day(row.definition_since)},
                row.pk == self.generation.pk,
            )
            for row in rows
        ]

    # ---- Figures ----------------------------------------------------------------------------------
    def tiles(self) -> list[Tile]:
        found = {one.metric.name: one for one in self.figures}
        return [self._tile(found[name]) for name in figures.TILES if name in found]

    @staticmethod
    def _tile(one: Figure) -> Tile:
        tile = one.tile()
        if one.metric.name != "churn" or one.now is None or one.now.hits is None:
            return tile
        return replace(tile, name=_("Churned, by name"), value=formats.number(one.now.hits), aside=one.value)

    @cached_property
    def figures(self) -> list[Figure]:
        return figures.all_of(self.choice, self.sums)


def _as_row(month: asking.Month, mode: str) -> PeriodFigure:
    moved = month.bought if mode == Mode.MONTHLY else month.window
    counts = {name: getattr(moved, name) for name in ("start", "end", "new", "kept", "returned", "first_seen")}
    return PeriodFigure(
        month=month.span.first, mode=mode, last_day=month.span.last, complete=month.span.complete, **counts
    )


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
