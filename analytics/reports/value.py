"""What the page Value says: what the next year brings, from whom, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Generation
from analytics.reports import how, pages, rfm, tenths
from shop import formats
from shop.charts import Bar, RowChart, Tile
from shop.charts.base import Chart
from shop.currency import currency_in_force

TWO_YEARS = 730  # days


@dataclass(frozen=True)
class Report(pages.OfFigures):
    worth: dict[str, Any]

    @classmethod
    def of(cls, generation: Generation, asked: Mapping[str, str]) -> "Report | None":
        worth = generation.totals.get("worth")
        return cls(generation, worth) if worth else None

    def how(self) -> list[tuple[str, str]]:
        return how.of_value(self.generation)

    @property
    def is_correlated(self) -> bool:
        return bool(self.generation.spend.get("correlated"))

    def tiles(self) -> list[Tile]:
        n = self.worth["customers"]
        value, of = self.worth["value"] / 1000, ngettext("%(n)s buyer", "%(n)s buyers", n) % {"n": formats.number(n)}
        net = self.generation.totals["net"] / 1000
        sums = [
            Tile(
                _("Value of the next 365 days"), _money(value), range=self._between(value, "value", _money), change=of
            ),
            Tile(
                _("Orders expected"),
                formats.number(self.worth["orders"]),
                range=self._between(self.worth["orders"], "orders", formats.number),
                change=_("in the next 365 days"),
            ),
            Tile(_("Each buyer"), _money(value / n), change=_("on average, in the next 365 days")),
        ]
        return [*sums, Tile(_("Spent so far"), _money(net), change=_("net of refunds, since the records begin"))]

    def _between(self, total: float, name: str, write: Any) -> str:
        low, high = (write(total * (1 + missed)) for missed in self.worth["missed"][name])
        return _("%(low)s to %(high)s") % {"low": low, "high": high}

    def sure(self) -> str:
        """What the ranges mean, and what they rest on."""
        back = self.worth["missed"].get("back")
        if back is None:  # of figures made before forecasts of totals were held against what came
            return ""
        text = _("Eight times in ten the year ends within the range.")
        if not back:
            rest = _(
                "It holds what is left to chance alone: there is too little on record to see how such forecasts fared."
            )
            return f"{text} {rest} {self._season()}".rstrip()
        rest = ngettext(
            "It holds what is left to chance, and by how much such a forecast missed when made of older records: "
            "%(share)s of what came.",
            "It holds what is left to chance, and by how much %(n)s such forecasts missed when made of older records: "
            "%(share)s of what came, on average.",
            len(back),
        )
        rest %= {"n": len(back), "share": formats.percent(_usually_missed(back))}
        return f"{text} {rest} {self._season()}".rstrip()

    def _season(self) -> str:
        since = self.generation.history_from
        if since is None or (self.generation.as_of - since).days >= TWO_YEARS:
            return ""
        return _(
            "With less than two years of records a season cannot be told from growth: after the best months of the "
            "year the forecast runs high, before them low."
        )

    def charts(self) -> dict[str, Chart | None]:
        file = reverse("analytics:value_csv")
        return {"value": self._by_group(file), "tenths": tenths.chart_of(self.generation, csv=f"{file}?csv=tenths")}

    def _by_group(self, csv: str) -> RowChart:
        groups = rfm.Report.of(self.generation, {})
        standings = [one for one in groups.standings if one.worth is not None] if groups else []
        standings.sort(key=lambda one: -(one.worth or 0))
        return RowChart(
            title=self._finding(standings),
            note=_("What each group of RFM is expected to spend in the next 365 days."),
            name=_("Value of the next 365 days"),
            bars=[Bar(one.name, one.worth, n=one.n, href=one.url) for one in standings],
            unit="money",
            opens=_("Open these customers."),
            first_column=_("Group"),
            csv=csv,
        )

    def _finding(self, standings: list[rfm.Standing]) -> str:
        total = sum(one.worth or 0 for one in standings)
        if not standings or total <= 0:
            return _("Where the next year comes from")
        first = standings[0]
        names = {"group": first.name, "share": formats.percent((first.worth or 0) / total)}
        return _("%(share)s of the next year is expected from the group %(group)s") % names


def _usually_missed(back: list[dict[str, Any]]) -> float:
    pairs = [one["value"] or one["orders"] for one in back]
    return sum(abs(foretold / came - 1) for foretold, came in pairs) / len(pairs)


def _money(amount: float) -> str:
    return formats.money(amount, currency_in_force(), whole=True)
