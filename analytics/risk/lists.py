"""The lists of the page At risk: at risk, overdue, likely lost, second purchase due."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from analytics.models import Generation, Scores
from analytics.models.flag import ENDED
from analytics.models.scores import ScoresQuerySet
from analytics.risk import ranking
from analytics.risk.reasons import Reasons, reasons_of
from shop import formats
from shop.currency import currency_in_force
from shop.prepared import TODAY, Given, prepared
from shop.typed import number_in

PAGE = 25

LISTS = {
    "at_risk": _("At risk"),
    "overdue": _("Overdue"),
    "likely_lost": _("Likely lost"),
    "second_due": _("Second purchase due"),
}


SINCE = Given(lambda since: since, DateTimeField())
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

RANKED = {
    "at_risk": ranking.Paged.of(lambda _about: Scores.objects.at_risk(TODAY), PAGE + 1),
    "overdue": ranking.Paged.of(lambda _about: Scores.objects.overdue(TODAY), PAGE + 1),
    "likely_lost": ranking.Paged.of(lambda _about: Scores.objects.likely_lost(TODAY), PAGE + 1),
}


@prepared
def unwatched(_since: Any) -> Any:
    """How many of each list were dismissed or expired since that moment, and what is at stake among them."""
    ended: Any = Scores.objects.filter(
        customer__flags__closed_why__in=ENDED, customer__flags__last_on__gte=F("last_on"),
        customer__flags__closed_at__gt=SINCE,
    )  # fmt: skip
    states = (When(**{f"{name}_on__lte": TODAY}, then=Value(name)) for name in ("likely_lost", "at_risk", "overdue"))
    ended = ended.annotate(list=Case(*states, default=Value(""))).values("list").order_by("list")
    return ended.annotate(n=Count("pk"), stake=Sum("at_stake")).values_list("list", "n", "stake")


@dataclass(frozen=True)
class Tab:
    name: str
    label: Any
    count: int | None
    here: bool


@dataclass
class RiskList:
    """One list on one day. Counts are those of the last full run, for today."""

    generation: Generation
    name: str
    today: date

    def tabs(self) -> list[Tab]:
        return [Tab(name, label, self.count(name), name == self.name) for name, label in LISTS.items()]

    def count(self, name: str) -> int | None:
        states = self.states()
        return max(states[name][0] - self.ended(name)[0], 0) if name in states else None

    def at_stake(self, name: str) -> Decimal | None:
        states = self.states()
        return max(Decimal(states[name][1]) / 1000 - self.ended(name)[1], Decimal(0)) if name in states else None

    def ended(self, name: str) -> tuple[int, Decimal]:
        """The states of a full run know nothing of who was dismissed; and its counts of those, not who was since."""
        since = {name: (n, stake or Decimal(0)) for name, n, stake in self.unwatched}
        n, stake = since.get(name, (0, Decimal(0)))
        before, at_stake = self._on_the_day(self.counted["ended"])[name] if self.counted else (0, 0)
        return n + before, stake + Decimal(at_stake) / 1000

    @property
    def counted(self) -> Any:
        """Of the flags, after the full run; None of one that did not count them."""
        return self.generation.totals.get("flags")

    @cached_property
    def unwatched(self) -> Any:
        return unwatched(datetime.fromisoformat(self.counted["until"]) if self.counted else LONG_AGO)

    def states(self) -> dict[str, list[int]]:
        return self._on_the_day(self.generation.totals["states"])

    def _on_the_day(self, ahead: dict[str, dict[str, list[int]]]) -> dict[str, list[int]]:
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

    def rows(self) -> ScoresQuerySet:
        """Everybody on the list."""
        if self.is_second:
            # Later than that, the list would be one of the lost.
            return Scores.objects.second_due(self.today, self.today - timedelta(days=self.generation.second_lasts))
        return ranking.watched(getattr(Scores.objects, self.name)(self.today))

    def page(self, after: str) -> tuple[list[Reasons], str]:
        found, following = self._second(after) if self.is_second else self._ranked(after)
        rows = reasons_of(found, self.today, self.unwatched)
        return [replace(row, until=self._until(row.scores)) for row in rows] if self.is_second else rows, following

    def _until(self, scores: Scores) -> date | None:
        due = scores.second_due_on
        return due + timedelta(days=self.generation.second_lasts) if due else None

    def due(self) -> dict[str, Any]:
        """Of the list of those who bought once: from when to when a second purchase comes, as the shop knows it."""
        second = self.generation.curves.get("second") or {}
        return {"half": second.get("half"), "late": second.get("late")} if self.is_second else {}

    def _ranked(self, after: str) -> tuple[list[Scores], str]:
        found = RANKED[self.name].page(ranking.Place.read(after))
        following = str(found[PAGE - 1][0]) if len(found) > PAGE else ""
        return [scores for _place, scores in found[:PAGE]], following

    def _second(self, after: str) -> tuple[list[Scores], str]:
        rows = _after(self.rows(), after).order_by(F("second_due_on").desc(), F("customer_id").desc())
        found = list(rows[: PAGE + 1])
        last = found[PAGE - 1] if len(found) > PAGE else None
        return found[:PAGE], f"{last.second_due_on}_{last.customer_id}" if last else ""


def _after(rows: QuerySet[Scores], after: str) -> QuerySet[Scores]:
    """What comes behind this row; a place that cannot be read is the beginning."""
    text, _dash, pk = after.partition("_")
    day = _day(text)
    if day is None or (customer := number_in(pk)) is None:
        return rows
    behind = Q(second_due_on__lt=day) | Q(second_due_on=day, customer_id__lt=customer)
    return rows.filter(behind, second_due_on__lte=day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
