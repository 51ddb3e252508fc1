"""Which period, whose figures and against what: as the address of a report says it, and the menus that change it.

mode=window|monthly  period=2026-11|2026-Q4|2026|2026-03-05..2026-04-10  group=tier-3  against=before|year|none
version=2: the last figures that were made by definition version 2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote_plus

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.metrics import groups
from analytics.metrics.groups import Group
from analytics.metrics.spans import MONTH, QUARTER, YEAR, Span
from analytics.metrics.table import MONTHLY, WINDOW
from analytics.models import Generation
from crm.facets import Asker

AGAINST = ("before", "year", "none")
MONTHS, QUARTERS, YEARS = 24, 8, 5  # in the menu


class Nobody:
    """Asks without any right of its own: for figures that a command or a goal asks for."""

    pk = None

    def may(self, right: str) -> bool:
        return False


@dataclass(frozen=True)
class Item:
    """One line of a menu. `why_not`: it cannot be chosen, and why."""

    label: str
    url: str
    here: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class Choice:
    """`unread`: what of the address could not be read, to be said."""

    generation: Generation
    mode: str
    span: Span
    group: Group
    against: str = "before"
    unread: tuple[str, ...] = ()

    @classmethod
    def read(cls, generation: Generation, asked: Mapping[str, str], asker: Asker, *, mode: str, span: Span) -> Choice:
        """mode, span: where the address says nothing that can be read."""
        unread = []
        wanted = asked.get("period", "") or asked.get("month", "") or _typed(asked)
        found = Span.read(wanted) if wanted else None
        if wanted and (found is None or not _begun(found, generation)):
            found, unread = None, [_("There are no figures of that period; here is another one.")]
        whose = asked.get("group", "")
        group = groups.read(whose, asker)
        if group is None:
            unread.append(_("That group is gone, or not for your role; here is everybody."))
        return cls(
            generation,
            asked["mode"] if asked.get("mode") in (WINDOW, MONTHLY) else mode,
            (found or span).until(generation.as_of),
            group or groups.everybody(),
            asked["against"] if asked.get("against") in AGAINST else "before",
            tuple(unread),
        )

    def of(self, span: Span) -> Choice:
        return replace(self, span=span)

    # ---- What it is compared with -----------------------------------------------------------------
    @property
    def other(self) -> Span | None:
        return self._others().get(self.against)

    def _others(self) -> dict[str, Span]:
        found = {"before": self.span.before, "year": self.span.year_before}
        history = self.generation.history_from
        return {name: span for name, span in found.items() if history and span.last >= history}

    # ---- Addresses --------------------------------------------------------------------------------
    @property
    def asked(self) -> dict[str, str]:
        return {
            "mode": self.mode,
            "period": self.span.key,
            "group": self.group.key,
            "against": "" if self.against == "before" else self.against,
            "version": "" if self.generation.is_current else str(self.generation.definition),
        }

    def url(self, page: str = "analytics:retention", **changes: str) -> str:
        written = self._written if not changes else self._written | {n: _pair(n, v) for n, v in changes.items()}
        return f"{_address(page)}?{'&'.join(filter(None, written.values()))}"

    @cached_property
    def _written(self) -> dict[str, str]:
        """Once: a page has a hundred addresses that differ in one part."""
        return {name: _pair(name, value) for name, value in self.asked.items()}

    def behind(self, who: str, span: Span | None = None) -> str:
        """The customers behind a number; of an old version nobody knows them any more."""
        if not self.generation.is_current:
            return ""
        chosen = self.of(span) if span else self
        return chosen.url("analytics:behind", who=who, against="")

    # ---- Menus ------------------------------------------------------------------------------------
    def periods(self) -> list[tuple[str, list[Item]]]:
        kinds = [(MONTH, MONTHS, _("Months")), (QUARTER, QUARTERS, _("Quarters")), (YEAR, YEARS, _("Years"))]
        return [(label, self._spans(kind, most)) for kind, most, label in kinds]

    def _spans(self, kind: str, most: int) -> list[Item]:
        generation, found = self.generation, list[Item]()
        span = Span.of(generation.as_of, kind)
        while len(found) < most and generation.history_from and span.last >= generation.history_from:
            shown = span.until(generation.as_of)
            if shown.days > 0:
                found.append(Item(shown.name, self.url(period=span.key), span.key == self.span.key))
            span = span.before
        return found

    def groups(self, asker: Asker) -> list[tuple[str, list[Item]]]:
        everybody = [("", [Item(_("Everybody"), self.url(group=""), self.group.is_everybody)])]
        offered = groups.choices(self.generation, asker)
        return everybody + [
            (kind, [Item(label, self.url(group=key), key == self.group.key) for key, label in some])
            for kind, some in offered
        ]

    def againsts(self) -> list[Item]:
        found, others = [], self._others()
        for name, span in (("before", self.span.before), ("year", self.span.year_before)):
            label = _("against %(period)s") % {"period": span.name}
            why_not = "" if name in others else _("The records begin later.")
            found.append(Item(label, self.url(against=name), name == self.against and not why_not, why_not))
        return [*found, Item(_("against nothing"), self.url(against="none"), self.against == "none")]

    @cached_property
    def against_name(self) -> str:
        return _("against %(period)s") % {"period": self.other.name} if self.other else _("against nothing")

    def modes(self) -> list[Item]:
        window = _("Active: bought within %(n)s days") % {"n": self.generation.active_days}
        monthly = _("Active: bought in the period")
        return [
            Item(window, self.url(mode=WINDOW), self.mode == WINDOW),
            Item(monthly, self.url(mode=MONTHLY), self.mode == MONTHLY),
        ]

    def kept(self) -> list[tuple[str, Any]]:
        """As hidden fields of the form in which a range is typed."""
        return [(name, value) for name, value in self.asked.items() if value and name != "period"]


def _pair(name: str, value: str) -> str:
    return f"{name}={quote_plus(value)}" if value else ""


@cache
def _address(page: str) -> str:
    return reverse(page)


def _typed(asked: Mapping[str, str]) -> str:
    first, last = asked.get("from", ""), asked.get("to", "")
    return f"{first}..{last}" if first and last else ""


def _begun(span: Span, generation: Generation) -> bool:
    """Something of it is over, and the records reach it."""
    history = generation.history_from
    return span.first < generation.as_of and history is not None and span.last >= history
