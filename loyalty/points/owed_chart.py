"""The chart of the page of what is owed in points: how many were out at the end of each month."""

from django.urls import reverse
from django.utils.translation import gettext as _

from loyalty.points.days import months_after
from loyalty.points.liability import Liability, Month, movements
from shop import formats
from shop.charts import Bar, BarChart

SHOWN = 13  # months: the same one a year ago stands on it


def owed_chart(report: Liability) -> BarChart:
    return BarChart(
        _("Points at the end of each month"),
        _("Points that customers owe are taken off. The last month is not over."),
        _("Points"),
        list(reversed(_bars(report))),
        first_column=_("Month"),
        opens=_("Opens the movements until then."),
        csv=f"{reverse('loyalty:points_owed_csv')}?what=ends",
    )


def _bars(report: Liability) -> list[Bar]:
    """From now backwards: what stood there before is what stands there less what has moved since."""
    this = Month.now()
    first = Month(months_after(this.day, 1 - SHOWN))
    moved: dict[str, int] = {}
    for name, _kind, points in movements(first, this.next):
        moved[name] = moved.get(name, 0) + points
    bars, stands = [], report.net
    for back in range(SHOWN):
        month = Month(months_after(this.day, -back))
        bars.append(_bar(month, stands, is_open=back == 0))
        stands -= moved.get(month.name, 0)
    return bars


def _bar(month: Month, points: int, *, is_open: bool) -> Bar:
    return Bar(
        formats.month(month.day, year=month.day.month == 1),
        points,
        href=f"{reverse('loyalty:points_entries')}?until={month.name}",
        open=is_open,
        long=formats.month(month.day, long=True),
    )
