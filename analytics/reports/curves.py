"""What the page Curves draws: after how long customers come back, and who is still there on day N."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.metrics import curves
from analytics.metrics.curves import WIDTHS, Curves
from analytics.metrics.gaps import GapCurve
from analytics.models import Generation
from analytics.reports import pages
from shop import formats
from shop.charts import Bar, BarChart, LineChart, Point, Remark
from shop.intervals import Interval, share

WEEK = 7
SHOWN = 52  # weeks
FEWEST = 30.0  # customers still seen; a curve ends where they become fewer


class Curve(LineChart):
    """A phone draws it whole: its beginning says the most."""

    PHONE_PERIODS = 1000


@dataclass(frozen=True)
class Report(pages.OfFigures):
    """width: days before and after day N that count as day N; elapsed: N × 24 hours instead of calendar days."""

    width: int
    elapsed: bool

    @classmethod
    def of(cls, generation: Generation, asked: Mapping[str, str]) -> "Report | None":
        if not generation.customers:
            return None
        width = {str(width): width for width in WIDTHS}.get(asked.get("width", ""), WIDTHS[1])
        return cls(generation, width, asked.get("day") == "elapsed")

    @cached_property
    def found(self) -> Curves:
        return curves.curves(self.generation, self.width, elapsed=self.elapsed)

    def url(self, **changes: Any) -> str:
        asked = {"width": self.width, "day": "elapsed" if self.elapsed else "calendar", **changes}
        page = "curves_csv" if "csv" in changes else "curves"
        return f"{reverse(f'analytics:{page}')}?{urlencode(asked)}"

    def behind(self, who: str, day: int, **more: Any) -> str:
        return f"{reverse('analytics:behind')}?{urlencode({'who': who, 'day': day, **more})}"

    @property
    def widths(self) -> list[tuple[str, str, bool]]:
        return [(f"{self.url(width=width)}#day-n", _width_name(width), width == self.width) for width in WIDTHS]

    @property
    def clocks(self) -> list[tuple[str, str, bool]]:
        names = {"calendar": _("Calendar days"), "elapsed": _("Times 24 hours")}
        return [(f"{self.url(day=day)}#day-n", name, (day == "elapsed") == self.elapsed) for day, name in names.items()]

    def charts(self) -> dict[str, Any]:
        return {name: make(self) for name, make in CHARTS.items()}


def _width_name(width: int) -> str:
    if not width:
        return _("The day itself")
    return ngettext("± %(n)s day", "± %(n)s days", width) % {"n": width}


# ---- After how long they come back -----------------------------------------------------------------------------


def comes_back(report: Report) -> Curve | None:
    """Of all gaps, every customer with weight 1."""
    curve = GapCurve.from_dict(report.generation.curves["gaps"])
    if not _says_something(curve):
        return None
    window = report.generation.active_days
    return Curve(
        title=_half_way(curve),
        note=_(
            "Share of customers who bought again within so many days of a purchase, each customer with weight 1, "
            "95% band. Who has not come back yet counts as long as they were seen (Wang and Chang 1999)."
        ),
        name=_("Came back"),
        points=_points(curve),
        remark=_window(curve, window),
        from_zero=True,
        first_column=_("Days"),
        csv=report.url(csv="gaps"),
    )


def second_purchase(report: Report) -> Curve | None:
    curve = GapCurve.from_dict(report.generation.curves["second"])
    if not _says_something(curve):
        return None
    whom = (
        _("Of customers who surely came new.")
        if report.generation.curves["second"]["of"] == "new"
        else _("Of all customers: the records are too short to tell who came new.")
    )
    said = _("Share of customers who bought a second time within so many days of their first purchase, 95% band.")
    return Curve(
        title=_second_by(curve),
        note=f"{said} {whom}",
        name=_("Bought again"),
        points=_points(curve, lambda day: report.behind("second", day)),
        from_zero=True,
        opens=_("Open those who bought again."),
        first_column=_("Days"),
        csv=report.url(csv="second"),
    )


def _says_something(curve: GapCurve) -> bool:
    return curve.completed > 0 and curve.customers >= 2 and curve.back.size > WEEK


def _points(curve: GapCurve, opened: Any = None) -> list[Point]:
    """Week by week for a year, as long as enough customers are seen."""
    seen = np.flatnonzero(curve.at_risk >= min(FEWEST, curve.customers / 2))
    last = min(int(seen.max(initial=0)), WEEK * SHOWN)
    low, high = curve.band()
    return [
        Point(
            label=_days(day),
            long=ngettext("within %(n)s day", "within %(n)s days", day) % {"n": day},
            value=float(curve.back[day]),
            low=float(low[day]),
            high=float(high[day]),
            n=round(float(curve.at_risk[day])),
            href=opened(day) if opened else "",
        )
        for day in range(WEEK, last + 1, WEEK)
    ]


def _days(day: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", day) % {"n": formats.number(day)}


def _half_way(curve: GapCurve) -> str:
    day = curve.day_by_which(0.5 * curve.ever)
    text = ngettext(
        "Half of those who come back are there within %(n)s day",
        "Half of those who come back are there within %(n)s days",
        day or 0,
    )
    return text % {"n": formats.number(day or 0)}


def _second_by(curve: GapCurve) -> str:
    day = min(90, curve.back.size - 1)
    names = {"share": formats.percent(float(curve.back[day])), "n": formats.number(day)}
    text = ngettext(
        "%(share)s buy a second time within %(n)s day",
        "%(share)s buy a second time within %(n)s days",
        day,
    )
    return text % names


def _window(curve: GapCurve, window: int) -> Remark | None:
    """Where the shop's own meaning of active lies on it."""
    week = window // WEEK - 1
    if not 0 <= week < len(_points(curve)):
        return None
    text = ngettext("%(n)s day: active until here", "%(n)s days: active until here", window) % {"n": window}
    return Remark(week, text, text)


# ---- Day N, and later ------------------------------------------------------------------------------------------


def on_day_n(report: Report) -> Curve | None:
    rows = _steady(report.found.day_n)
    if not rows:
        return None
    title = _around(report, rows)
    clock = (
        _("Day N is N times 24 hours after a customer’s own first purchase.")
        if report.elapsed
        else _("Days are those of the calendar in the shop’s time zone.")
    )
    return Curve(
        title=title,
        note=f"{clock} {_('Counted: customers who surely came new, and for whom these days are over; 95% band.')}",
        name=_("Bought on day N"),
        points=[_point(report, day, share(k, n), n) for day, k, n in rows],
        from_zero=True,
        opens=_("Open those who bought then."),
        first_column=_("Day"),
        csv=report.url(csv="day_n"),
    )


def _steady(rows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """A line that a handful of customers draw goes up and down by chance: it ends where few of the first are left."""
    return [row for row in rows if row[2] >= rows[0][2] / 5]


def _around(report: Report, rows: list[tuple[int, int, int]]) -> str:
    day, k, n = min(rows, key=lambda row: abs(row[0] - 28))
    names = {"share": formats.percent(k / n if n else 0), "n": formats.number(day)}
    if not report.width:
        return _("%(share)s buy on day %(n)s after the first purchase") % names
    return _("%(share)s buy around day %(n)s after the first purchase") % names


def _point(report: Report, day: int, found: Interval, n: int) -> Point:
    href = report.behind("on_day", day, width=report.width, clock="elapsed" if report.elapsed else "calendar")
    return Point(
        label=_("day %(n)s") % {"n": day},
        value=found.value,
        low=found.low,
        high=found.high,
        n=n,
        href=href,
    )


def still_there(report: Report) -> BarChart | None:
    rows = report.found.rolling
    if not rows:
        return None
    return BarChart(
        title=_("%(share)s are still there on day %(n)s: bought then or later") % _still(rows[-1]),
        note=_(
            "Rolling retention of customers who surely came new and are known for so long. The longer ago, the less "
            "time was left to come back, so the last ones still rise."
        ),
        name=_("Still there"),
        bars=[_bar(report, day, share(k, n), n) for day, k, n in rows],
        unit="percent",
        digits=1,
        opens=_("Open those who bought then or later."),
        first_column=_("Day"),
        csv=report.url(csv="rolling"),
    )


def _still(row: tuple[int, int, int]) -> dict[str, str]:
    day, k, n = row
    return {"share": formats.percent(k / n), "n": formats.number(day)}


def _bar(report: Report, day: int, found: Interval, n: int) -> Bar:
    return Bar(
        label=_("day %(n)s") % {"n": day},
        value=found.value,
        n=n,
        low=found.low,
        high=found.high,
        href=report.behind("from_day", day),
    )


CHARTS = {"gaps": comes_back, "second": second_purchase, "day_n": on_day_n, "rolling": still_there}
