"""The charts of the page Retention: rates over time, how active customers came about, every figure."""

from dataclasses import dataclass
from math import isnan
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.models import PeriodFigure
from analytics.reports.figures import Figure
from analytics.reports.retention import Report
from shop import formats
from shop.charts import Column, Line, LineChart, Point, Remark, Step, Strip, Waterfall
from shop.charts.base import Chart, Row
from shop.intervals import difference_of_shares, share

SHOWN = 25  # months that a chart has room for


def rates(report: Report, csv: str = "") -> LineChart:
    """Strict with its band, classic beside it, and their difference as bars below."""
    months = report.drawn[-SHOWN:]
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
        extra=[
            Column(_("Start S")),
            Column(_("End E")),
            Column(_("New N")),
            Column(_("Returned W")),
            Column(_("Given back later"), "money", 2),
        ],
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
        below=_marked(row) if row.complete else _("to the %(day)s") % {"day": row.last_day.day},
        figures=[row.start, row.end, row.new, row.returned, row.late],
    )


LATE = "*"


def _marked(row: PeriodFigure) -> str:
    """Orders of the month were given back after it was over."""
    return LATE if row.late else ""


def waterfall(report: Report, csv: str = "") -> Waterfall:
    """From those active at the start to those active at the end."""
    moved = report.moved
    steps = [
        Step(_("Active at the start"), moved.start, total=True, kind="middle", href=report.behind("start"),
             short=pgettext("of a period", "Start")),
        Step(pgettext("customers", "Lost"), -moved.churned, kind="low", href=report.behind("churned")),
        Step(pgettext("customers", "Kept"), moved.kept, total=True, kind="middle", href=report.behind("kept")),
        Step(_("Came back"), moved.returned, kind="high", href=report.behind("returned"),
             short=pgettext("customers who came back", "Back")),
        Step(pgettext("customers", "New"), moved.new, kind="high", href=report.behind("new")),
    ]  # fmt: skip
    if moved.first_seen:
        steps.append(Step(_("First seen"), moved.first_seen, kind="compare", href=report.behind("first_seen")))
    end = report.behind("active")
    steps.append(
        Step(
            _("Active at the end"), moved.end, total=True, kind="middle", href=end, short=pgettext("of a period", "End")
        )
    )
    return Waterfall(_fell_or_grew(report), _way(report), steps, opens=_("Open these customers."), csv=csv)


def _fell_or_grew(report: Report) -> str:
    moved = report.moved
    words = {"n": formats.number(abs(moved.end - moved.start)), "period": report.period_name}
    if moved.end == moved.start:
        return _("As many active customers at the end as at the start: %(period)s") % words
    if moved.end > moved.start:
        return _("%(n)s more active customers at the end than at the start: %(period)s") % words
    return _("%(n)s fewer active customers at the end than at the start: %(period)s") % words


def _way(report: Report) -> str:
    left = report.moved.tried_and_left
    text = _("Who stayed, who was lost, who came back, who is new.")
    if not left:
        return text
    tried = ngettext(
        "%(n)s more bought for the first time and was no longer active at the end.",
        "%(n)s more bought for the first time and were no longer active at the end.",
        left,
    )
    return f"{text} {tried % {'n': formats.number(left)}}"


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
    if any(row.late and row.complete for row in report.drawn[-SHOWN:]):
        version = f"{version} {_('* Orders of the month were given back after it was over.')}"
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


@dataclass(frozen=True)
class FigureTable(Chart):
    """Every figure of the period as a file."""

    report: Report

    template = "charts/line.html"

    @property
    def columns(self) -> list[Column]:
        heads = [_("Figure"), _("Value"), "95% " + pgettext("range", "from"), pgettext("range", "to"), "n",
                 self.report.choice.against_name, _("Verdict")]  # fmt: skip
        return [Column(head, "text") for head in heads]

    def rows(self) -> list[Row]:
        return [Row(self._row(one)) for one in self.report.figures]

    @staticmethod
    def _row(one: Figure) -> list[Any]:
        if one.now is None:
            return [one.name, None, None, None, None, None, one.not_yet]
        found = one.now.interval
        bounds = [None if isnan(bound) else bound for bound in (found.value, found.low, found.high)]
        return [one.name, *bounds, one.now.n, one.before.value if one.before else None, one.verdict]
