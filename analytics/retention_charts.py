"""The two charts of the page Retention: rates over time, and cohorts."""

from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import CohortCell, Generation, PeriodFigure
from analytics.retention import Report, behind_url
from shop import formats
from shop.charts import Cell, Column, HeatMap, HeatRow, Line, LineChart, Point, Remark, Strip
from shop.charts.heat import View
from shop.intervals import difference_of_shares, share

KINDS = {
    "bought": lambda: _("In that month"),
    "rolling": lambda: _("That month or later"),
    "cumulative": lambda: _("Within that many months"),
}
SHOWN = 25  # months that a chart has room for


def rates(report: Report, csv: str = "") -> LineChart:
    """Strict with its band, classic beside it, and their difference as bars below."""
    months = report.months[-SHOWN:]
    last = months[-1]
    return LineChart(
        title=_finding(report),
        note=_note(report),
        name=_("Strict"),
        points=[_point(report, row) for row in months],
        compare=[Line(_("Classic"), [row.classic for row in months])],
        strip=Strip(
            _("Returners ÷ active at the start (classic minus strict)"),
            [row.returned_share for row in months],
            name=_("Returners"),
        ),
        remark=_remark(months),
        limit=1.0,
        end_note="" if last.complete else _("to %(day)s, still open") % {"day": formats.day(last.last_day, year=False)},
        opens=_("Open the churned."),
        extra=[Column(_("Start S")), Column(_("End E")), Column(_("New N")), Column(_("Returned W"))],
        csv=csv,
    )


def _point(report: Report, row: PeriodFigure) -> Point:
    found = share(row.kept, row.start) if row.start else None
    return Point(
        label=formats.month(row.month, year=False),
        long=formats.month(row.month),
        value=row.strict,
        low=found.low if found else None,
        high=found.high if found else None,
        n=row.start,
        href=report.behind("churned", row),
        open=not row.complete,
        below="" if row.complete else _("to the %(day)s") % {"day": row.last_day.day},
        figures=[row.start, row.end, row.new, row.returned],
    )


def _finding(report: Report) -> str:
    """The title says what the last complete month says against the one before, and no more than that."""
    now, before = report.month, report.before
    if not now or not before or not now.start or not before.start:
        return _("Who stays, month by month")
    verdict = difference_of_shares(now.kept, now.start, before.kept, before.start).verdict()
    names = {"month": formats.month(now.month, long=True), "before": formats.month(before.month, long=True)}
    found = {
        "up": _("More of them stayed in %(month)s than in %(before)s"),
        "down": _("Fewer of them stayed in %(month)s than in %(before)s"),
        "cannot_tell": _("In %(month)s about as many stayed as in %(before)s"),
    }[verdict] % names
    if (now.returned_share or 0) < 0.05:
        return found
    return _("%(found)s; the classic formula hides how many only returned") % {"found": found}


def _note(report: Report) -> str:
    since = formats.day(report.generation.definition_since)
    version = _("Definition v%(n)s, since %(day)s.") % {"n": report.generation.definition, "day": since}
    if report.mode == PeriodFigure.Mode.MONTHLY:
        return f"{_('Share of those who bought in the month before who bought in this month too, 95% band.')} {version}"
    return f"{_('Share of customers active at the start of the month who are active at its end, 95% band.')} {version}"


def _remark(months: list[PeriodFigure]) -> Remark | None:
    over = [(row.classic or 0, i) for i, row in enumerate(months) if row.complete]
    highest, i = max(over, default=(0, 0))
    if highest <= 1:
        return None
    n = months[i].returned
    words = {"share": formats.percent(highest, 1), "n": formats.number(n)}
    text = ngettext(
        "%(share)s: the classic formula counts %(n)s returner as kept",
        "%(share)s: the classic formula counts %(n)s returners as kept",
        n,
    )
    short = ngettext("%(share)s: counts %(n)s returner", "%(share)s: counts %(n)s returners", n)
    return Remark(i, text % words, short % words)


# ---- cohorts -------------------------------------------------------------------------------------


def cohorts(report: Report, kind: str, csv: str = "", *, every: bool = True) -> list[HeatMap]:
    """Cohorts that surely came new, and apart from them those already known when the records begin.

    Not `every`: the newest thirteen months, which a page draws at once; a link leads to the others.
    """
    rows = report.generation.cohort_cells.order_by("cohort", "month")
    newest = report.newest.month if report.newest else None
    if newest and not every:
        rows = rows.filter(cohort__gte=newest.replace(year=newest.year - 1))
    cells = list(rows)
    if not cells:
        return []
    new = [cell for cell in cells if not cell.known_before]
    known = [cell for cell in cells if cell.known_before]
    views = _views(report, kind, every=every)
    maps = []
    if new:
        title = _("Cohorts: who bought again, month by month")
        maps.append(_map(new, kind, title, report, csv=csv, views=views))
    if known:
        title = _("Already customers when the records begin")
        maps.append(_map(known, kind, title, report, csv="" if new else csv, views=[] if new else views))
    return maps


def _views(report: Report, kind: str, *, every: bool) -> list[View]:
    since = {"since": "first"} if every else {}
    views = [View(name(), f"{report.url(cohorts=key, **since)}#cohorts", key == kind) for key, name in KINDS.items()]
    history = report.generation.history_from
    if history and report.newest and history < report.newest.month.replace(year=report.newest.month.year - 1):
        url = report.url(cohorts=kind, **({} if every else {"since": "first"}))
        views.append(View(_("Every cohort"), f"{url}#cohorts", every))
    return views


def _map(cells: list[CohortCell], kind: str, title: str, report: Report, csv: str, views: list[View]) -> HeatMap:
    rows = [_row(cohort, list(of), kind) for cohort, of in groupby(cells, key=lambda cell: cell.cohort)]
    rows = [row for row in rows if row.cells]
    wide = max((len(row.cells) for row in rows), default=0)
    return HeatMap(
        title=title,
        note=_explained(kind) if views else _known_before(report.generation),
        heads=[str(month) for month in range(1, wide + 1)],
        cohorts=rows,
        average=_average(cells, kind, wide),
        first_head=_("First bought"),
        column_words=_("month %s"),
        open_until=_open_until(report.newest),
        views=views,
        csv=csv,
    )


def _row(cohort: date, cells: list[CohortCell], kind: str) -> HeatRow:
    return HeatRow(formats.month(cohort), cells[0].members, [_cell(cell, kind) for cell in cells if cell.month > 0])


def _cell(cell: CohortCell, kind: str) -> Cell:
    k = getattr(cell, kind)
    found = share(k, cell.members)
    href = behind_url(cohort=f"{cell.cohort:%Y-%m}", after=cell.month, who=kind)
    return Cell(found.value, k=k, low=found.low, high=found.high, href=href, open=not cell.complete)


def _average(cells: list[CohortCell], kind: str, wide: int) -> list[float | None]:
    """Complete cells only, weighted by the size of the cohort."""
    averages: list[float | None] = []
    for month in range(1, wide + 1):
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
