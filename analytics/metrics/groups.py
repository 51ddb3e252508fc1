"""Whose figures: everybody, a saved view, a tier, a source, a cohort, a group of RFM, those who were flagged.

Where history exists (tier, RFM, flag) a group is as it stood when the period began; a cohort and a source stay what
they are; of a saved view it is today's members, looked at backwards, and the page says so.

In an address: segment-7, tier-3, source-web, cohort-2026-03, rfm-champion, flagged.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from analytics.metrics.spans import Span
from analytics.models import Figures, Flag, Generation, RfmPeriod
from analytics.models.scores import RfmGroup
from analytics.purchases.reading import numbers
from crm.facets import Asker
from crm.models import Customer, Segment
from loyalty.models import Tier
from loyalty.models.tier import TierPeriod
from shop import formats
from shop.at_once import once
from shop.models import User
from shop.prepared import prepared
from shop.typed import key_in

Ints = NDArray[np.int64]
Members = Callable[[Span], QuerySet[Any]]

MOST = 12  # of one kind in the menu


@dataclass(frozen=True)
class Group:
    """`members`: ids of customers for a period; None: everybody. `marks`: what else decides who is in it."""

    key: str = ""
    label: str = ""
    note: str = ""
    members: Members | None = field(default=None, compare=False)
    marks: str = ""

    @property
    def is_everybody(self) -> bool:
        return self.members is None

    def ids(self, span: Span) -> Ints | None:
        """Ascending; None: everybody."""
        if self.members is None:
            return None
        sql, params = self.members(span).order_by().query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT string_agg(int8send(id), '') FROM ({sql}) AS members (id)", params)
            sent = cursor.fetchone()[0]
        return np.unique(numbers(bytes(sent) if sent else None))

    def among(self, rows: QuerySet[Figures], span: Span) -> QuerySet[Figures]:
        """Of these figures, those of the group's customers."""
        return rows if self.members is None else rows.filter(customer_id__in=self.members(span))


def everybody() -> Group:
    return Group(label=_("Everybody"))


def read(text: str, asker: Asker) -> Group | None:
    """What an address says; None: there is no such group, or it is not for this person."""
    kind, _dash, value = text.partition("-")
    if not text:
        return everybody()
    return KINDS[kind](value, asker) if kind in KINDS else None


def _segment(value: str, asker: Asker) -> Group | None:
    segment = Segment.objects.seen_by(asker).filter(pk=key_in(value)).first()
    if segment is None or not asker.may("customers.view"):
        return None
    return of_segment(segment, asker)


def of_segment(segment: Segment, asker: Asker) -> Group:
    note = _("Today’s members, looked at backwards.")
    marks = f"{asker.pk}:{timezone.localdate()}:{segment.address}"
    return Group(f"segment-{segment.pk}", segment.name, note, lambda span: segment.customers(asker).values("pk"), marks)


def _tier(value: str, asker: Asker) -> Group | None:
    tier = Tier.objects.filter(pk=key_in(value)).first()
    return of_tier(tier) if tier else None


def of_tier(tier: Tier) -> Group:
    def members(span: Span) -> QuerySet[Any]:
        had = Q(began_on__lte=span.first) & (Q(ended_on=None) | Q(ended_on__gt=span.first))
        return TierPeriod.objects.filter(had, tier=tier).values("customer_id")

    return Group(f"tier-{tier.pk}", tier.name, _("Who had the tier when the period began."), members)


def _source(value: str, asker: Asker) -> Group | None:
    if not _is_source(value):
        return None
    members = Customer.objects.filter(source=value).values("pk")
    return Group(f"source-{value}", _of_source(value), "", lambda span: members)


def _is_source(value: str) -> bool:
    return 0 < len(value) <= 64 and value.isprintable()


def _of_source(value: str) -> str:
    return _("Source: %(source)s") % {"source": value}


def _cohort(value: str, asker: Asker) -> Group | None:
    cohort = Span.read(value)
    if cohort is None:
        return None

    def members(span: Span) -> QuerySet[Any]:
        return Figures.objects.filter(first_on__gte=cohort.first, first_on__lte=cohort.last).values("pk")

    return Group(f"cohort-{cohort.key}", _of_cohort(cohort.name), "", members)


def _of_cohort(name: Any) -> str:
    return _("First bought in %(cohort)s") % {"cohort": name}


def _rfm(value: str, asker: Asker) -> Group | None:
    return of_rfm(value) if value in RfmGroup.values else None


def of_rfm(name: str) -> Group:
    """The first runs noted nobody's group: a period before them has today's members."""

    def members(span: Span) -> QuerySet[Any]:
        then = Q(began_on__lte=span.first) & (Q(ended_on=None) | Q(ended_on__gt=span.first))
        if not RfmPeriod.objects.filter(began_on__lte=span.first).exists():
            then = Q(ended_on=None)
        return RfmPeriod.objects.filter(then, group=name).values("customer_id")

    return Group(f"rfm-{name}", str(RfmGroup(name).label), _rfm_note(), members)


def _rfm_note() -> str:
    since = Generation.objects.filter(is_current=True).values_list("totals__rfm__since", flat=True).first()
    if not since:  # figures made before that was counted
        return _(
            "Who was in the group when the period began; before that was noted, today’s members, looked at backwards."
        )
    return _(
        "Who was in the group when the period began. Groups are noted since %(day)s: of a period that began before "
        "it, today’s members, looked at backwards."
    ) % {"day": formats.day(date.fromisoformat(since))}


def _flagged(value: str, asker: Asker) -> Group | None:
    return None if value else flagged()


def flagged() -> Group:
    def members(span: Span) -> QuerySet[Any]:
        open_then = Q(closed_at=None) | Q(closed_at__date__gte=span.first)
        return Flag.objects.filter(open_then, raised_at__date__lt=span.first).values("customer_id")

    return Group("flagged", _of_flagged(), _("Who had an open flag when it began."), members)


def _of_flagged() -> str:
    return _("Flagged when the period began")


KINDS: dict[str, Callable[[str, Asker], Group | None]] = {
    "segment": _segment,
    "tier": _tier,
    "source": _source,
    "cohort": _cohort,
    "rfm": _rfm,
    "flagged": _flagged,
}


@prepared
def _segments(user: Any) -> Any:
    return Segment.objects.seen_by_staff(user).only("name").order_by("pk")[:MOST]


@prepared
def _tiers(_user: Any) -> Any:
    return Tier.objects.only("name").order_by("pk")[:MOST]


@once
def questions(asker: Asker) -> tuple[Any, Any]:
    """The saved views and the tiers the menu offers; of the saved views nothing to whom customers are not shown."""
    sees = isinstance(asker, User) and asker.may("customers.view")
    return _segments(asker.pk) if sees else None, _tiers(None)


def choices(generation: Generation, asker: Asker) -> list[tuple[str, list[tuple[str, str]]]]:
    """Address and name of what the menu offers, by kind."""
    segments, tiers = questions(asker)
    sources = filter(_is_source, generation.totals.get("sources", [])[:MOST])
    found: list[tuple[str, list[tuple[str, str]]]] = [
        (_("Saved views"), [(f"segment-{one.pk}", one.name) for one in segments or ()]),
        (_("Tiers"), [(f"tier-{one.pk}", one.name) for one in tiers]),
        (_("Sources"), [(f"source-{name}", _of_source(name)) for name in sources]),
        (_("First bought in"), [(f"cohort-{year}", _of_cohort(year)) for year in _years(generation)]),
        (_("RFM"), [(f"rfm-{name}", str(label)) for name, label in RfmGroup.choices]),
        (_("At risk"), [("flagged", _of_flagged())]),
    ]
    return [(kind, some) for kind, some in found if some]


def _years(generation: Generation) -> list[int]:
    if generation.history_from is None:
        return []
    return list(range(generation.as_of.year, generation.history_from.year - 1, -1))[:MOST]
