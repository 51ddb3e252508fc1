"""Who is of which tier: up at once, kept until the end of the following window, then one step down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Customer
from loyalty.models import Standing, Tier, TierPeriod, TierScheme, TierStep
from loyalty.programme import counting, windows
from loyalty.programme.telling import Change, changed

Why = TierPeriod.Why
NOTICE = timedelta(days=60)  # from then on a tier that is not earned again is at risk
LONGEST = 40  # windows that are made up for when nobody looked for years


@dataclass
class Ladder:
    """The tiers of a scheme from the lowest on."""

    scheme: TierScheme
    steps: list[TierStep] = field(default_factory=list)

    @classmethod
    def in_force(cls, at: Any = None) -> "Ladder | None":
        scheme = TierScheme.in_force_at(at)
        return cls.of(scheme) if scheme else None

    @classmethod
    def of(cls, scheme: TierScheme) -> "Ladder":
        return cls(scheme, list(scheme.steps.select_related("tier").order_by("threshold")))

    def rank(self, tier: int | None) -> int:
        """From 0 on; below: none of the tiers of this scheme."""
        return next((at for at, step in enumerate(self.steps) if step.tier_id == tier), -1)

    def reached(self, counted: Decimal) -> int:
        return max((at for at, step in enumerate(self.steps) if step.threshold <= counted), default=-1)

    def threshold(self, rank: int) -> Decimal:
        return self.steps[rank].threshold if rank >= 0 else Decimal(0)

    def next(self, rank: int) -> TierStep | None:
        return self.steps[rank + 1] if rank + 1 < len(self.steps) else None


@transaction.atomic
def look(customers: Iterable[int], day: date | None = None) -> int:
    """Bring the tiers of these up to a day (today) and publish where they stand. Returns how many changed."""
    day = day or timezone.localdate()
    ladder = Ladder.in_force()
    ids = _held(customers)
    if ladder is None or not ids:
        return 0
    found = Looking(ladder, day, ids)
    found.bring_up()
    found.write()
    return changed(found.changes)


def _held(customers: Iterable[int]) -> list[int]:
    """Present cards, held in the order of their ids until the transaction ends; two that look wait for each other."""
    rows = Customer.objects.present().filter(pk__in=set(customers)).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))


class Looking:
    """One look at some customers on a day: decided in memory, written at once."""

    def __init__(self, ladder: Ladder, day: date, ids: list[int]) -> None:
        self.ladder, self.day, self.ids = ladder, day, ids
        self.window = ladder.scheme.window
        self.joined = counting.joined(ids) if self.window == windows.Window.JOINING else dict.fromkeys(ids, day)
        open_ = TierPeriod.objects.open().filter(customer__in=ids)
        self.open: dict[int, TierPeriod] = {period.customer_id: period for period in open_}
        self.now = self._counted({pk: windows.around(self.window, day, self.joined[pk]) for pk in ids})
        self.bought = counting.last_bought(ids, day) if self.window == windows.Window.ROLLING else {}
        self.until: dict[int, Decimal] = {}
        self.changes: list[Change] = []
        self.touched: dict[int, list[TierPeriod]] = {}

    def _counted(self, spans: dict[int, windows.Span]) -> dict[int, Decimal]:
        return counting.counted(self.ladder.scheme.metric, spans)

    def _count_until_end(self, ids: Iterable[int]) -> None:
        """What counts in the window that decides whether a tier is kept."""
        periods = [self.open[pk] for pk in ids if pk in self.open]
        spans = {p.customer_id: windows.ending(self.window, p.kept_until, self.joined[p.customer_id]) for p in periods}
        self.until.update(self._counted(spans))

    def bring_up(self) -> None:
        for _window in range(LONGEST):
            over = [pk for pk, period in self.open.items() if period.kept_until < self.day]
            self._count_until_end(over)
            for pk in over:
                self._end_of(self.open[pk])
            if not over:
                break
        for pk in self.ids:
            self._rise(pk)
        self._count_until_end(self.open)

    def _end_of(self, period: TierPeriod) -> None:
        """Earned again: kept for another window. Otherwise one step down, for a window."""
        pk, rank = period.customer_id, self.ladder.rank(period.tier_id)
        earned = self.ladder.reached(self.until[pk])
        following = windows.kept_until(self.window, period.kept_until, self.joined[pk])
        if period.why == Why.GIVEN:
            self._end_of_given(period, earned, following)
        elif rank < 0 or earned >= rank:
            self._keep(period, following)
        else:
            self._move(pk, max(rank - 1, earned), Why.DEMOTED, period.kept_until + timedelta(days=1), following)

    def _end_of_given(self, period: TierPeriod, earned: int, following: date) -> None:
        """Back to what was earned: now, or before it was given and still kept."""
        earlier = TierPeriod.objects.filter(customer=period.customer_id, kept_until__gt=period.kept_until)
        before = earlier.exclude(why=Why.GIVEN).order_by("-pk").first()
        on = period.kept_until + timedelta(days=1)
        if before and self.ladder.rank(before.tier_id) >= earned:
            earned, following = self.ladder.rank(before.tier_id), before.kept_until
        self._move(period.customer_id, earned, Why.GIVEN_OVER, on, following)

    def _rise(self, pk: int) -> None:
        period, reached = self.open.get(pk), self.ladder.reached(self.now[pk])
        rank = self.ladder.rank(period.tier_id) if period else -1
        # Of a rolling window the last purchase earned it, not the night that found it so.
        kept_until = windows.kept_until(self.window, self.bought.get(pk, self.day), self.joined[pk])
        if period and rank < 0:  # its tier is not among those of today
            self._move(pk, max(reached, 0), Why.SCHEME, self.day, kept_until)
        elif reached > rank:
            self._move(pk, reached, Why.REACHED, self.day, kept_until)
        elif period and reached == rank and period.why != Why.GIVEN and kept_until > period.kept_until:
            self._keep(period, kept_until)

    def _keep(self, period: TierPeriod, until: date) -> None:
        period.kept_until = until
        self._touch(period)

    def _move(self, pk: int, rank: int, why: str, on: date, until: date) -> None:
        old, new = self.open.pop(pk, None), None
        if old:
            old.ended_on = max(min(on - timedelta(days=1), old.kept_until), old.began_on)
            self._touch(old)
        if rank >= 0 and self.ladder.steps:
            tier = self.ladder.steps[rank].tier
            new = TierPeriod(customer_id=pk, tier=tier, began_on=on, kept_until=max(until, on), why=why)
            self.open[pk] = new
            self._touch(new)
        if old or new:
            self.changes.append((old, new, pk))

    def _touch(self, period: TierPeriod) -> None:
        rows = self.touched.setdefault(period.customer_id, [])
        if not any(row is period for row in rows):
            rows.append(period)

    def write(self) -> None:
        """First what ends, then what begins: a customer has one tier at a time."""
        rows = [row for periods in self.touched.values() for row in periods]
        TierPeriod.objects.bulk_update([row for row in rows if row.pk], ["kept_until", "ended_on"], batch_size=1000)
        TierPeriod.objects.bulk_create([row for row in rows if not row.pk], batch_size=2000)
        standings = [self._standing(pk) for pk in self.ids]
        fields = [f.name for f in Standing._meta.concrete_fields if not f.primary_key]
        Standing.objects.bulk_create(standings, update_conflicts=True, unique_fields=["customer"], update_fields=fields)

    def _standing(self, pk: int) -> Standing:
        period, now = self.open.get(pk), self.now[pk]
        rank = self.ladder.rank(period.tier_id) if period else -1
        following = self.ladder.next(rank)
        to_keep = max(self.ladder.threshold(rank) - self.until[pk], Decimal(0)) if period else None
        return Standing(
            customer_id=pk,
            tier_id=period.tier_id if period else None,
            since=period.began_on if period else None,
            kept_until=period.kept_until if period else None,
            counted=now,
            to_keep=to_keep,
            next_tier_id=following.tier_id if following else None,
            to_next=max(following.threshold - now, Decimal(0)) if following else None,
            at_risk_on=period.kept_until - NOTICE if period and to_keep else None,
            as_of=self.day,
        )


@transaction.atomic
def give(customer: Customer, tier: Tier, *, reason: str, until: date, actor: str) -> TierPeriod:
    """By hand, with a reason and an end; on the day after it the figures decide again."""
    today = timezone.localdate()
    if not reason.strip() or until < today:
        raise ValueError("a tier given by hand has a reason and an end")
    [pk] = _held([customer.held().pk])
    old = TierPeriod.objects.open().filter(customer=pk).first()
    if old:
        TierPeriod.objects.filter(pk=old.pk).update(ended_on=max(today - timedelta(days=1), old.began_on))
    new = TierPeriod.objects.create(
        customer_id=pk, tier=tier, began_on=today, kept_until=until, why=Why.GIVEN, reason=reason.strip(), actor=actor
    )
    changed([(old, new, pk)], actor=actor)
    look([pk])
    return new
