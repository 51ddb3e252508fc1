"""The lists of the page At risk: at risk, overdue, likely lost, second purchase due."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from analytics import ranking
from analytics.models import Figures, Generation
from analytics.reasons import Reasons, reasons_of
from shop import formats
from shop.currency import currency_in_force

PAGE = 25

LISTS = {
    "at_risk": _("At risk"),
    "overdue": _("Overdue"),
    "likely_lost": _("Likely lost"),
    "second_due": _("Second purchase due"),
}


@dataclass(frozen=True)
class Tab:
    name: str
    label: Any
    count: int | None
    here: bool


@dataclass(frozen=True)
class RiskList:
    """One list on one day. Counts are those of the last full run, for today."""

    generation: Generation
    name: str
    today: date

    def tabs(self) -> list[Tab]:
        return [Tab(name, label, self.count(name), name == self.name) for name, label in LISTS.items()]

    def count(self, name: str) -> int | None:
        states = self.states()
        return states[name][0] if name in states else None

    def at_stake(self, name: str) -> Decimal | None:
        states = self.states()
        return Decimal(states[name][1]) / 1000 if name in states else None

    def states(self) -> dict[str, list[int]]:
        ahead = self.generation.totals["states"]
        return ahead.get(self.today.isoformat()) or ahead[max(ahead)]

    @property
    def label(self) -> Any:
        return LISTS[self.name]

    def stats(self) -> list[dict[str, str]]:
        """The three states in figures, and what is at stake among those at risk."""
        currency = currency_in_force()
        buyers = self.generation.customers
        found = []
        for name in ("at_risk", "overdue", "likely_lost"):
            count, stake = self.count(name) or 0, self.at_stake(name) or Decimal(0)
            of = ngettext("of %(n)s buyer", "of %(n)s buyers", buyers) % {"n": formats.number(buyers)}
            found.append(
                {
                    "list": name,
                    "name": str(LISTS[name]),
                    "value": formats.number(count),
                    "aside": f"{of}, {formats.percent(count / buyers, 1)}" if buyers else "",
                    "range": gettext("%(money)s at stake among them")
                    % {"money": formats.money(stake, currency, whole=True)},
                }
            )
        return found

    @property
    def has_model(self) -> bool:
        return self.generation.model_in_use is not None

    @property
    def is_second(self) -> bool:
        return self.name == "second_due"

    def rows(self) -> QuerySet[Figures]:
        rows = Figures.objects.select_related("customer", "customer__owner")
        if self.is_second:
            # Later than that, the list would be one of the lost.
            return rows.second_due(self.today, self.today - timedelta(days=self.generation.second_lasts))
        return getattr(rows, self.name)(self.today)

    def page(self, after: str) -> tuple[list[Reasons], str]:
        found, following = self._second(after) if self.is_second else self._ranked(after)
        return reasons_of(found, self.today), following

    def _ranked(self, after: str) -> tuple[list[Figures], str]:
        found = ranking.first(self.rows(), PAGE + 1, ranking.Place.read(after))
        following = str(found[PAGE - 1][0]) if len(found) > PAGE else ""
        return [figures for _place, figures in found[:PAGE]], following

    def _second(self, after: str) -> tuple[list[Figures], str]:
        rows = _after(self.rows(), after).order_by(F("second_due_on").desc(), F("customer_id").desc())
        found = list(rows[: PAGE + 1])
        last = found[PAGE - 1] if len(found) > PAGE else None
        return found[:PAGE], f"{last.second_due_on}_{last.customer_id}" if last else ""


def _after(rows: QuerySet[Figures], after: str) -> QuerySet[Figures]:
    """What comes behind this row; a place that cannot be read is the beginning."""
    text, _dash, pk = after.partition("_")
    day = _day(text)
    if day is None or not pk.isdecimal() or len(pk) > 18:
        return rows
    behind = Q(second_due_on__lt=day) | Q(second_due_on=day, customer_id__lt=int(pk))
    return rows.filter(behind, second_due_on__lte=day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
