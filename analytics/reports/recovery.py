"""What the page Recovery says: who had a complaint or gave a low score, was answered, and came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.metrics import recovery
from analytics.metrics.recovery import ANSWERED, IN_TIME, LATE, MONTHS, UNANSWERED, Cases, Recovery
from analytics.models import Generation
from analytics.reports import pages
from shop import formats
from shop.charts import Tile, Whisker
from shop.charts.base import Chart, Column, Row
from shop.currency import currency_in_force
from shop.intervals import FEW, Interval, share

ALL = (*ANSWERED, UNANSWERED)
WHO = {IN_TIME: (IN_TIME,), LATE: (LATE,), UNANSWERED: (UNANSWERED,), "answered": ANSWERED, "all": ALL}


@dataclass(frozen=True)
class Line:
    """Customers answered in one way, as a row of the table."""

    name: str
    cases: Cases
    url: str
    back_url: str

    @property
    def share(self) -> Interval:
        return self.cases.share

    @property
    def between(self) -> str:
        return _between(self.share, 100, 1)

    @property
    def is_few(self) -> bool:
        return self.cases.n < FEW


@dataclass(frozen=True)
class Report(pages.OfFigures):
    months: int

    @classmethod
    def of(cls, generation: Generation, asked: Mapping[str, str]) -> "Report":
        return cls(generation, {str(months): months for months in MONTHS}.get(asked.get("months", ""), MONTHS[1]))

    def charts(self) -> dict[str, Chart]:
        return {"recovery": Table(self)}

    @cached_property
    def found(self) -> Recovery:
        return recovery.recovery(self.generation, self.months)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return [(f"?months={months}", _months(months), months == self.months) for months in MONTHS]

    def behind(self, who: str, came_back: bool | None = None) -> str:
        asked: dict[str, Any] = {"recovery": who, "months": self.months}
        if came_back is not None:
            asked["back"] = "yes" if came_back else "no"
        return f"{reverse('analytics:behind')}?{urlencode(asked)}"

    @property
    def lines(self) -> list[Line]:
        names = {IN_TIME: _("Answered in time"), LATE: _("Answered late"), UNANSWERED: _("Not answered")}
        return [
            Line(name, self.found.of(answer), self.behind(answer), self.behind(answer, True))
            for answer, name in names.items()
        ]

    # ---- tiles ----------------------------------------------------------------------------------

    def tiles(self) -> list[Tile]:
        return [self._in_time(), self._came_back(), self._difference(), self._kept(), self._cost()]

    def _in_time(self) -> Tile:
        k, n = self.found.of(IN_TIME).n, self.found.all.n
        return _share_tile(_("Answered in time"), k, n, self.behind(IN_TIME))

    def _came_back(self) -> Tile:
        answered = self.found.of(*ANSWERED)
        name = _("Bought again once answered")
        return _share_tile(name, answered.came_back, answered.n, self.behind("answered", True))

    def _difference(self) -> Tile:
        name, change = _("Against similar buyers not answered"), self.found.difference
        if isnan(change.value):
            return Tile(name, "–", range=_("too few on one side to compare"), is_small=True)
        verdict = change.verdict()
        words = {"up": _("More come back"), "down": _("Fewer come back"), "cannot_tell": _("Cannot tell")}[verdict]
        return Tile(
            name,
            formats.signed(100 * change.value, 1),
            _("points"),
            whisker=Whisker(change.value, change.low, change.high, Whisker.around((change.low, change.high))),
            range=_between(change, 100, 1),
            verdict=words,
            tone={"up": "good", "down": "bad"}.get(verdict, ""),
            url=self.behind(UNANSWERED),
        )

    def _kept(self) -> Tile:
        change, n = self.found.difference, self.found.compared
        name = _("Customers kept")
        if isnan(change.value):
            return Tile(name, "–", range=_("too few on one side to compare"), is_small=True)
        kept = Interval(change.value * n, change.low * n, change.high * n)
        of = ngettext("of %(n)s answered", "of %(n)s answered", n) % {"n": formats.number(n)}
        return Tile(name, formats.signed(kept.value, 0), aside=of, range=_between(kept, 1, 0))

    def _cost(self) -> Tile:
        answered = self.found.of(*ANSWERED)
        if not answered.cost:
            return Tile(_("Given to make up for it"), _("nothing yet"), is_small=True)
        each = formats.money(answered.cost / answered.n, currency_in_force())
        whole = formats.money(answered.cost, currency_in_force(), whole=True)
        return Tile(_("Given to make up for it"), whole, range=_("%(amount)s each") % {"amount": each})


def _share_tile(name: str, k: int, n: int, url: str) -> Tile:
    if not n:
        return Tile(name, "–", range=_("nobody yet"), is_small=True)
    found = share(k, n)
    text = f"{_between(found, 100, 1)} · n {formats.number(n)}"
    whisker = Whisker(found.value, found.low, found.high, Whisker.around((found.low, found.high)))
    return Tile(name, formats.percent(found.value, 1), whisker=whisker, range=text, url=url, is_small=n < FEW)


def _between(found: Interval, times: int, digits: int) -> str:
    names = {"low": formats.number(found.low * times, digits), "high": formats.number(found.high * times, digits)}
    return _("%(low)s to %(high)s") % names


def _months(months: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}


@dataclass(frozen=True)
class Table(Chart):
    """The same as a file."""

    report: Report

    @property
    def columns(self) -> list[Column]:
        return [
            Column(_("Answer"), "text"),
            Column(_("Customers")),
            Column(_("Bought again within 90 days")),
            Column(_("Share"), "percent", 1),
            Column(_("95% from"), "percent", 1),
            Column(_("95% to"), "percent", 1),
            Column(_("Agreed with the outcome")),
            Column(_("Did not agree")),
            Column(_("Given"), "money", 2),
        ]

    def rows(self) -> list[Row]:
        return [_row(line) for line in self.report.lines]


def _row(line: Line) -> Row:
    cases, found = line.cases, line.share
    shares = [found.value, found.low, found.high] if cases.n else [None, None, None]
    return Row([line.name, cases.n, cases.came_back, *shares, cases.agreed, cases.disagreed, float(cases.cost)])
