"""Cohorts: of those who first bought in a month, who bought in the months after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import CohortCell, Generation, PeriodFigure
from analytics.reports import pages
from analytics.reports.retention import behind_url
from shop import formats
from shop.charts import Cell, HeatMap, HeatRow
from shop.charts.heat import View
from shop.intervals import share

KINDS = {
    "bought": lambda: _("In that month"),
    "rolling": lambda: _("That month or later"),
    "cumulative": lambda: _("Within that many months"),
}


@dataclass(frozen=True)
class Report(pages.OfFigures):
    """newest: the last month there is, which may not be over; every: all cohorts, or the newest thirteen."""

    kind: str
    newest: PeriodFigure | None
    every: bool = True

    @classmethod
    def of(cls, generation: Generation, asked: Mapping[str, str]) -> "Report":
        kind = asked.get("cohorts", "")
        return cls(generation, kind if kind in KINDS else "bought", generation.periods.order_by("-month").first())

    def charts(self) -> dict[str, HeatMap]:
        """Cohorts that surely came new, and apart from them those already known when the records begin."""
        cells = self._cells()
        new = [cell for cell in cells if not cell.known_before]
        known = [cell for cell in cells if cell.known_before]
        views, maps = self._views(), {}
        if new:
            title, file = _("Cohorts: who bought again, month by month"), url(self.kind, csv="cohorts")
            maps["cohorts"] = _map(self, new, title, _explained(self.kind), csv=file, views=views)
        if known:
            title, file = _("Already customers when the records begin"), url(self.kind, csv="known")
            views = [] if new else views
            maps["known"] = _map(self, known, title, _known_before(self.generation), csv=file, views=views)
        return maps

    def _cells(self) -> list[CohortCell]:
        rows = CohortCell.objects.filter(generation=self.generation).order_by("cohort", "month")
        if self.newest and not self.every:
            rows = rows.filter(cohort__gte=_year_before(self.newest.month))
        return list(rows)

    def _views(self) -> list[View]:
        """Other ways to look at it, on a page of its own."""
        views = [View(name(), url(kind), kind == self.kind) for kind, name in KINDS.items()]
        begins = self.generation.history_from
        if not self.every and begins and self.newest and begins < _year_before(self.newest.month):
            views.append(View(_("Every cohort"), url(self.kind)))
        return views


def url(kind: str, csv: str = "") -> str:
    if csv:
        return f"{reverse('analytics:cohorts_csv')}?cohorts={kind}&csv={csv}"
    return f"{reverse('analytics:cohorts')}?cohorts={kind}"


def _year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


def _map(report: Report, cells: list[CohortCell], title: str, note: str, **more: Any) -> HeatMap:
    rows = [_row(cohort, list(of), report.kind) for cohort, of in groupby(cells, key=lambda cell: cell.cohort)]
    wide = max((len(row.cells) for row in rows), default=0)
    return HeatMap(
        title=title,
        note=f"{note} {_('Month 0 is the month of the first purchase: in it only another day counts.')}",
        heads=[str(month) for month in range(wide)],
        cohorts=rows,
        average=_average(cells, report.kind, wide),
        first_head=_("First bought"),
        column_words=_("month %s"),
        open_until=_open_until(report.newest),
        **more,
    )


def _row(cohort: date, cells: list[CohortCell], kind: str) -> HeatRow:
    href = behind_url(cohort=f"{cohort:%Y-%m}", who=kind, after="")  # once a row: a map has hundreds of cells
    shown = [_cell(cell, kind, f"{href}{cell.month}") for cell in cells]
    return HeatRow(formats.month(cohort), cells[0].members, shown)


def _cell(cell: CohortCell, kind: str, href: str) -> Cell:
    k = getattr(cell, kind)
    found = share(k, cell.members)
    return Cell(found.value, k=k, low=found.low, high=found.high, href=href, open=not cell.complete)


def _average(cells: list[CohortCell], kind: str, wide: int) -> list[float | None]:
    """Complete cells only, weighted by the size of the cohort."""
    averages: list[float | None] = []
    for month in range(wide):
        whole = [cell for cell in cells if cell.month == month and cell.complete]
        members = sum(cell.members for cell in whole)
        averages.append(sum(getattr(cell, kind) for cell in whole) / members if members else None)
    return averages


def _explained(kind: str) -> str:
    return {
        "bought": _("Of those who first bought in a month, the share in % that bought in the n-th month after it."),
        "rolling": _("Of those who first bought in a month, the share in % that bought in the n-th month or later."),
        "cumulative": _("Of those who first bought in a month, the share in % that bought again within n months."),
    }[kind]


def _known_before(generation: Generation) -> str:
    days = generation.active_days
    seen = ngettext(
        "First seen within %(n)s day of the first order on file.",
        "First seen within %(n)s days of the first order on file.",
        days,
    ) % {"n": days}
    return f"{seen} {_('Nobody knows when they really came, so they stay out of the averages above.')}"


def _open_until(last: PeriodFigure | None) -> str:
    if last is None or last.complete:
        return ""
    following = date(last.month.year + last.month.month // 12, last.month.month % 12 + 1, 1)
    end = date.fromordinal(following.toordinal() - 1)
    return _("open until %(day)s") % {"day": formats.day(end, year=False)}
