"""The two charts of a report: the score over time with its band, and how many gave which score."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.figures.measures import FEWEST, Scores
from feedback.figures.overview import Report
from feedback.figures.periods import Period
from feedback.surveys.kinds import Band, Kind, Scale
from shop import formats
from shop.charts import Bar, BarChart, Column, LineChart, Point
from shop.intervals import FEW

DRAWN_AS = {
    Kind.NPS: lambda: _("Share of 9 and 10 minus share of 0 to 6, 95% band (adjusted Wald)."),
    Kind.CSAT: lambda: _("Share of 4 and 5, 95% band (Wilson)."),
    Kind.CES: lambda: _("Mean from 1, very hard, to 7, very easy, 95% band (Student’s t)."),
}
FIRST_COLUMN = {"week": lambda: _("Week"), "month": lambda: _("Month"), "quarter": lambda: _("Quarter")}
ROOM_BELOW = 10_000  # from here on n does not fit under a period


def trend(report: Report, csv: str = "") -> LineChart | None:
    measure, scale, drawn = report.measure, report.scale, report.drawn
    if measure is None or scale is None or not any(scores.n >= FEWEST for _period, scores in drawn):
        return None
    return LineChart(
        title=capfirst(_finding(report)),
        note=f"{DRAWN_AS[Kind(report.survey.kind)]()} {report.versions.said}",
        name=str(measure.name),
        points=[_point(report, period, scores) for period, scores in drawn],
        unit=measure.unit,
        digits=measure.digits,
        opens=_("Open the answers."),
        first_column=FIRST_COLUMN[report.step](),
        extra=[Column(label) for label in _bands(scale)],
        enough=FEW,
        csv=csv,
    )


def _point(report: Report, period: Period, scores: Scores) -> Point:
    measure, scale = report.measure, report.scale
    assert measure
    assert scale
    found = measure.of(scores) if scores.n >= FEWEST else None
    is_open = not period.is_over(report.today)
    return Point(
        label=period.short,
        long=period.name,
        value=found.value if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        n=scores.n,
        href=report.behind(period),
        open=is_open,
        below="" if is_open or scores.n >= ROOM_BELOW else formats.number(scores.n),
        figures=[scores.within(scale, band) for band in (Band.HIGH, Band.MIDDLE, Band.LOW)],
    )


def _bands(scale: Scale) -> list[str]:
    """9–10, 7–8, 0–6."""
    middle = range(scale.low + 1, scale.high)
    return [f"{scale.high}–{scale.highest}", _range(middle), f"{scale.lowest}–{scale.low}"]


def _range(steps: range) -> str:
    return f"{steps[0]}–{steps[-1]}" if len(steps) > 1 else f"{steps[0]}"


def _finding(report: Report) -> str:
    """What the chosen period says against the one before, and no more than that."""
    names = {"period": report.period_name, "before": report.period.before.name}
    if report.change is None:
        return report.period_name if report.found else _("%(period)s: too few answers for a score") % names
    return {
        "up": _("%(period)s: up on %(before)s"),
        "down": _("%(period)s: down on %(before)s"),
        "cannot_tell": _("%(period)s: cannot be told from %(before)s"),
    }[report.change.verdict()] % names


def distribution(report: Report) -> BarChart | None:
    """Of the chosen period, the lowest score first."""
    scale, n = report.scale, report.now.n
    if scale is None or n < FEWEST:
        return None
    title = ngettext("%(n)s answer by score", "%(n)s answers by score", n) % {"n": formats.number(n)}
    return BarChart(
        title=title,
        note=_in_bands(report, scale),
        name=_("Answers"),
        bars=[_bar(report, scale, score) for score in scale.steps],
        opens=_("Open the answers."),
        first_column=_("Score"),
    )


def _bar(report: Report, scale: Scale, score: int) -> Bar:
    href = report.behind(score=str(score))
    return Bar(str(score), report.now.counts.get(score, 0), href=href, kind=scale.band(score))


def _in_bands(report: Report, scale: Scale) -> str:
    values: dict[str, Any] = {
        band: formats.number(report.now.within(scale, Band(band))) for band in ("high", "middle", "low")
    }
    if report.survey.kind == Kind.NPS:
        return _("Promoters: %(high)s, passives: %(middle)s, detractors: %(low)s.") % values
    return _("High: %(high)s, middling: %(middle)s, low: %(low)s.") % values
