"""What the page Groups says: who stands where by recency and frequency, and who moved since."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.metrics import rfm
from analytics.metrics.rfm_grid import HORIZONS
from analytics.models import Generation
from analytics.models.scores import RfmGroup
from analytics.reports import pages
from shop import formats
from shop.charts.base import Chart, Column, Row

# From the best on. Whoever goes up this list climbs, whoever goes down slips.
LADDER = (
    "champion",
    "loyal",
    "potential_loyal",
    "new",
    "promising",
    "needs_attention",
    "about_to_sleep",
    "cannot_lose",
    "drifting",
    "hibernating",
    "long_gone",
)
TONES = {
    **dict.fromkeys(("champion", "loyal", "potential_loyal", "new"), "good"),
    **dict.fromkeys(("promising", "needs_attention"), "calm"),
    **dict.fromkeys(("about_to_sleep", "cannot_lose", "drifting"), "warn"),
    **dict.fromkeys(("hibernating", "long_gone"), "past"),
}
assert set(LADDER) == set(rfm.NAMES) == set(TONES)


def advice(group: str) -> str:
    return {
        "champion": _("They come by themselves. Thank them, ask for a word to friends."),
        "loyal": _("Keep the rhythm: what is new, early access, their points."),
        "potential_loyal": _("The next purchases decide. Show what goes with what they have."),
        "new": _("Ask how it was, and give a reason for the second visit."),
        "promising": _("Bought little and not long ago: remind them while they know you."),
        "needs_attention": _("Cooling down. A personal word works better than a discount."),
        "about_to_sleep": _("Soon they are out of the habit: one good reason now."),
        "cannot_lose": _("Were among the best. Call them, and listen first."),
        "drifting": _("Used to come. Ask what is missing before you offer anything."),
        "hibernating": _("A mail when there is truly something new; not more."),
        "long_gone": _("Leave them in peace, or ask once why."),
    }[group]


@dataclass(frozen=True)
class Standing:
    """One group: customers, what they spent and are worth in a year (units of money), who came and went lately."""

    group: str
    n: int
    share: float
    spent: float
    share_of_spent: float | None
    worth: float | None
    came: int
    went: int

    @property
    def name(self) -> str:
        return str(RfmGroup(self.group).label)

    @property
    def tone(self) -> str:
        return TONES[self.group]

    @property
    def url(self) -> str:
        return customers(rfm=self.group)

    @property
    def advice(self) -> str:
        return advice(self.group)


@dataclass(frozen=True)
class Cell:
    """One pair of R and F."""

    r: int
    f: int
    group: str
    n: int
    share: float

    @property
    def name(self) -> str:
        return str(RfmGroup(self.group).label)

    @property
    def tone(self) -> str:
        return TONES[self.group]

    @property
    def url(self) -> str:
        return customers(rfm_r=self.r, rfm_f=self.f)


@dataclass(frozen=True)
class Move:
    before: str
    after: str
    n: int
    url: str

    @property
    def names(self) -> tuple[str, str]:
        return str(RfmGroup(self.before).label), str(RfmGroup(self.after).label)

    @property
    def climbs(self) -> bool:
        return LADDER.index(self.after) < LADDER.index(self.before)


def customers(**asked: Any) -> str:
    return f"{reverse('crm:customers')}?{urlencode(asked)}"


@dataclass(frozen=True)
class Report(pages.OfFigures):
    """days: over how many days moves are told."""

    days: int

    @classmethod
    def of(cls, generation: Generation, asked: Mapping[str, str]) -> "Report | None":
        if not generation.totals.get("rfm", {}).get("cells"):
            return None
        return cls(generation, {str(days): days for days in HORIZONS}.get(asked.get("days", ""), HORIZONS[1]))

    def charts(self) -> dict[str, Chart]:
        return {"rfm": Table(self.standings)}

    @cached_property
    def buyers(self) -> int:
        return sum(n for *_rest, n, _spent, _worth in self._cells)

    @property
    def _cells(self) -> list[list[Any]]:
        return self.generation.totals["rfm"]["cells"]

    @cached_property
    def grid(self) -> list[tuple[str, str, list[Cell]]]:
        """Rows from R5 down: their name, which days since the last order they mean, and a cell for each F."""
        counts = {(r, f): n for r, f, _group, n, *_money in self._cells}
        rows = []
        for r in range(5, 0, -1):
            cells = [self._cell(r, f, counts.get((r, f), 0)) for f in range(1, 6)]
            rows.append((f"R{r}", self._silence(r), cells))
        return rows

    def _cell(self, r: int, f: int, n: int) -> Cell:
        return Cell(r, f, rfm.NAMES[int(rfm.names(r, f))], n, n / self.buyers)

    def _silence(self, r: int) -> str:
        """To 12 days, 13–40 days, over 200 days."""
        days = [round(day) for day in self.generation.borders["days"]]
        if r == 5:
            return _within(days[0])
        low = days[4 - r] + 1
        if r == 1:
            return ngettext("over %(n)s day", "over %(n)s days", low - 1) % {"n": formats.number(low - 1)}
        high = days[5 - r]
        if high < low:
            return "–"
        return ngettext("%(low)s–%(high)s day", "%(low)s–%(high)s days", high) % {"low": low, "high": high}

    @property
    def heads(self) -> list[tuple[str, str]]:
        """F1 … F5 and how many orders that is."""
        ends = [*(border - 1 for border in rfm.F_BORDERS), None]
        starts = [1, *rfm.F_BORDERS]
        return [(f"F{i}", _orders(low, high)) for i, (low, high) in enumerate(zip(starts, ends, strict=True), 1)]

    @cached_property
    def standings(self) -> list[Standing]:
        """Every group, the best first."""
        n, spent, worth = Counter[str](), Counter[str](), Counter[str]()
        for _r, _f, group, customers, net, value in self._cells:
            n[group] += customers
            spent[group] += net
            worth[group] += value or 0
        known = any(value is not None for *_rest, value in self._cells)
        total = sum(spent.values())
        came, went = self._came_and_went()
        return [
            Standing(
                group,
                n[group],
                n[group] / self.buyers,
                spent[group] / 1000,
                spent[group] / total if total > 0 else None,
                worth[group] / 1000 if known else None,
                came[group],
                went[group],
            )
            for group in LADDER
        ]

    def _came_and_went(self) -> tuple[Counter[str], Counter[str]]:
        came, went = Counter[str](), Counter[str]()
        for before, after, n in self._moved:
            came[after] += n
            went[before] += n
        return came, went

    @property
    def _moved(self) -> list[tuple[str, str, int]]:
        """From group to group; from none with a first purchase."""
        at = 2 + HORIZONS.index(self.days)
        return [(row[0], row[1], row[at]) for row in self.generation.totals["rfm"]["moves"] if row[at]]

    @cached_property
    def moves(self) -> list[Move]:
        """The most frequent first."""
        since = (self.generation.as_of - timedelta(days=self.days - 1)).isoformat()
        found = [
            Move(before, after, n, customers(rfm_left=before, rfm=after, rfm_since=f"{since}.."))
            for before, after, n in self._moved
            if before
        ]
        return sorted(found, key=lambda move: -move.n)

    @property
    def slipped(self) -> list[Move]:
        return [move for move in self.moves if not move.climbs]

    @property
    def climbed(self) -> list[Move]:
        return [move for move in self.moves if move.climbs]

    @property
    def finding(self) -> str:
        """The group that brought most, in one sentence."""
        best = max(self.standings, key=lambda one: one.share_of_spent or 0)
        if not best.n or best.share_of_spent is None:
            return _("Where everybody stands")
        names = {
            "group": best.name,
            "share": formats.percent(best.share),
            "spent": formats.percent(best.share_of_spent),
        }
        return _("%(group)s: %(share)s of the buyers, %(spent)s of all spent") % names

    @property
    def months(self) -> int:
        return int(self.generation.settings["rfm_months"])

    @property
    def horizons(self) -> list[tuple[str, str, bool]]:
        return [(f"?days={days}#moves", _of_days(days), days == self.days) for days in HORIZONS]

    @property
    def within(self) -> str:
        return _of_days(self.days)


def _within(days: int) -> str:
    return ngettext("up to %(n)s day", "up to %(n)s days", days) % {"n": formats.number(days)}


def _of_days(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": formats.number(days)}


def _orders(low: int, high: int | None) -> str:
    """1, 3–4, 10+: that these are orders stands in the corner."""
    if high is None:
        return f"{low}+"
    return str(low) if low == high else f"{low}–{high}"


@dataclass(frozen=True)
class Table(Chart):
    """The groups as a file."""

    standings: Sequence[Standing]

    @property
    def columns(self) -> list[Column]:
        return [
            Column(_("Group"), "text"),
            Column(_("Customers")),
            Column(_("Of all buyers"), "percent", 1),
            Column(_("Spent"), "money", 2),
            Column(_("Of all spent"), "percent", 1),
            Column(_("Worth in the next year"), "money", 2),
            Column(_("Came")),
            Column(_("Went")),
        ]

    def rows(self) -> list[Row]:
        return [Row([s.name, s.n, s.share, s.spent, s.share_of_spent, s.worth, s.came, s.went]) for s in self.standings]
