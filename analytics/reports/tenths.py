"""Who brought the revenue, on the page Value: ten equal parts of the buyers, and the best by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.models import Generation, Scores
from analytics.reports.rfm import customers
from shop import formats
from shop.charts import Bar, BarChart
from shop.charts.base import Column, Row


@dataclass(frozen=True)
class Tenth:
    """A tenth of all buyers, the first the best. Money in units."""

    number: int
    n: int
    spent: float
    worth: float | None
    least: float
    most: float

    @property
    def url(self) -> str:
        return customers(net=f"{_plain(self.least)}..{_plain(self.most)}", sort="-net")


def tenths_of(generation: Generation) -> list[Tenth]:
    return [
        Tenth(number, n, spent / 1000, None if worth is None else worth / 1000, least / 1000, most / 1000)
        for number, n, spent, worth, least, most in generation.totals.get("tenths", [])
    ]


def best_of(generation: Generation) -> list[Scores]:
    """By the value of the next year."""
    ids = generation.totals.get("best", [])
    rows = Scores.objects.select_related("customer__figures").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def chart_of(generation: Generation, csv: str = "") -> "TenthChart | None":
    tenths = tenths_of(generation)
    spent = sum(tenth.spent for tenth in tenths)
    if spent <= 0:
        return None
    return TenthChart(
        title=_("The best tenth of buyers brought %(share)s of all revenue")
        % {"share": formats.percent(tenths[0].spent / spent)},
        note=_("Buyers sorted by what they spent so far, in ten equal parts."),
        name=_("Spent"),
        bars=[_bar(tenth) for tenth in tenths],
        unit="money",
        opens=_("Open these customers."),
        first_column=_("Tenth"),
        csv=csv,
        tenths=tenths,
    )


def _bar(tenth: Tenth) -> Bar:
    name = _("tenth %(n)s") % {"n": tenth.number}
    return Bar(formats.number(tenth.number), tenth.spent, n=tenth.n, href=tenth.url, long=name)


@dataclass(frozen=True)
class TenthChart(BarChart):
    """Its table tells the coming year too."""

    tenths: Sequence[Tenth] = ()

    @property
    def columns(self) -> list[Column]:
        return [
            Column(_("Tenth"), "text"),
            Column(_("Customers")),
            Column(_("Spent"), "money", 2),
            Column(_("Of all spent"), "percent", 1),
            Column(_("Worth in the next year"), "money", 2),
            Column(_("Least spent"), "money", 2),
        ]

    def rows(self) -> list[Row]:
        whole = sum(tenth.spent for tenth in self.tenths)
        return [Row([str(t.number), t.n, t.spent, t.spent / whole, t.worth, t.least]) for t in self.tenths]


def _plain(amount: float) -> str:
    """As a filter of the list reads it."""
    return f"{amount:.3f}".rstrip("0").rstrip(".")
