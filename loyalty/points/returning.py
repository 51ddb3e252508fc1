"""Goods came back: the points that they had brought go again, and never by a share of a rounded number."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from loyalty.models.entry import Entry, Lot
from loyalty.points.posting import Part, Posting, on_root


class Policy(StrEnum):
    """What happens to points that were spent meanwhile."""

    DEBT = "debt"  # owed: the next points pay them
    LOTS = "lots"  # taken from other points; what those cannot cover is owed
    WRITE_OFF = "write_off"  # the shop bears it
    REFUND = "refund"  # the caller pays out less money; here it is the same as written off


@dataclass(frozen=True)
class TakenBack:
    """Of `points` so many were the order's own (pending or not), came from others; and what became of the rest."""

    points: int
    own_pending: int = 0
    own: int = 0
    others: int = 0
    debt: int = 0
    written_off: int = 0
    off_refund: int = 0
    entry_id: int | None = None


def earned_for(order: Any) -> int:
    """What an order has brought so far, whichever card it was booked on."""
    kinds = (Entry.Kind.EARN, Entry.Kind.REVERSE)
    return Entry.objects.filter(order=order, kind__in=kinds).aggregate(n=Sum("points"))["n"] or 0


class Returning(Posting):
    @on_root
    def take_back_earned(
        self,
        order: Any,
        kept_points: int,
        *,
        key: str,
        policy: str = Policy.DEBT,
        actor: str = "",
        at: datetime | None = None,
    ) -> TakenBack | None:
        """`kept_points`: what the goods that are kept would have earned. None: nothing is to be taken back."""
        at = at or timezone.now()
        self._lock(at)
        if done := self._done(key, Entry.Kind.REVERSE):
            return as_told(done)
        plan = self.plan_taking_back(order, earned_for(order) - kept_points, policy)
        if plan is None:
            return None
        entry = self._book_taken_back(plan, order=order, at=at, key=key, actor=actor)
        self._tell("points.adjusted", at=at, actor=actor, order=order, points=-plan.points, reason="goods_returned")
        self.refresh_from_db()
        return as_told(entry)

    def plan_taking_back(self, order: Any, back: int, policy: str = Policy.DEBT) -> TakenBack | None:
        """Where so many points would come from. Writes nothing: a preview shows what then is booked."""
        if back <= 0:
            return None
        pending, ripe = self._own_lots(order)
        from_pending = min(back, sum(lot.remaining - lot.held for lot in pending))
        from_ripe = min(back - from_pending, sum(lot.remaining - lot.held for lot in ripe))
        rest = back - from_pending - from_ripe
        others = min(rest, self.available - from_ripe) if policy == Policy.LOTS else 0
        where = {Policy.WRITE_OFF: "written_off", Policy.REFUND: "off_refund"}.get(Policy(policy), "debt")
        return TakenBack(back, from_pending, from_ripe, others, **{where: rest - others})

    def _own_lots(self, order: Any) -> tuple[list[Lot], list[Lot]]:
        lots = list(Lot.objects.free().filter(account_id=self.pk, order=order).order_by("pk"))
        pending = [lot for lot in lots if lot.available_at > self.as_of]
        return pending, [lot for lot in lots if lot.available_at <= self.as_of]

    def _book_taken_back(self, plan: TakenBack, *, order: Any, at: datetime, key: str, actor: str) -> Entry:
        pending, ripe = self._own_lots(order)
        own = [*_cover(plan.own_pending, pending), *_cover(plan.own, ripe)]
        sequence = self._change(pending=-plan.own_pending, available=-plan.own - plan.others, debt=plan.debt)
        fields = {"at": at, "order": order, "actor": actor}
        told = {name: value for name, value in asdict(plan).items() if value}
        entry = self._write(
            sequence, Entry.Kind.REVERSE, -plan.points, key=key, reason="goods_returned", snapshot=told, **fields
        )
        self._take(entry, own)
        self._take(entry, self._free_lots(plan.others, self.as_of))
        if forgiven := plan.written_off + plan.off_refund:
            reason = "off_refund" if plan.off_refund else "written_off"
            self._write(self._change(), Entry.Kind.WRITE_OFF, forgiven, reverses=entry, reason=reason, **fields)
        return entry


def _cover(points: int, lots: Sequence[Lot]) -> list[Part]:
    parts = []
    for lot in lots:
        part = min(points, lot.remaining - lot.held)
        if part:
            parts.append((lot.pk, part))
            points -= part
    return parts


def as_told(entry: Entry) -> TakenBack:
    return TakenBack(**entry.snapshot, entry_id=entry.pk)
