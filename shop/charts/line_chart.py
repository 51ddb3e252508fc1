"""A line over periods, drawn twice: on the wide sheet and on that of a phone."""

from django.utils.safestring import SafeString, mark_safe

from shop.charts.lines import LineFigures
from shop.charts.plot import PHONE, WIDE, Frame, Plot


class LineChart(LineFigures):
    PHONE_PERIODS = 13

    template = "charts/line.html"

    @property
    def wide(self) -> SafeString:
        return mark_safe(Plot(self, Frame.of(self, WIDE), 0).drawn())

    @property
    def phone(self) -> SafeString:
        since = max(0, len(self.points) - self.PHONE_PERIODS)
        return mark_safe(Plot(self, Frame.of(self, PHONE), since).drawn())
