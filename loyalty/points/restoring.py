"""Points that were spent come back: to the lots they came from, with the dates those have."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from loyalty.models.entry import Allocation, Entry, Lot
from loyalty.points.days import end_of, local_day
from loyalty.points.errors import MoreThanWasSpent
from loyalty.points.merging import lock_together
from loyalty.points.posting import Posting

REOPENED_FOR = timedelta(days=30)


def left_to_restore(spent: Entry) -> list[tuple[Allocation, int]]:
    """What a spending took from each lot and has not come back yet."""
    taken = list(spent.allocations.filter(restores=None).select_related("lot").order_by("pk"))
    back = dict.fromkeys((allocation.pk for allocation in taken), 0)
    for restored in Allocation.objects.filter(restores__in=taken):
        back[restored.restores_id or 0] -= restored.points
    return [(allocation, allocation.points - back[allocation.pk]) for allocation in taken]


def in_proportion(points: int, left: Sequence[int]) -> list[int]:
    """Splits points by cumulative rounding: no part exceeds what is left of it, and the sum is exact."""
    whole = sum(left)
    shares, before, counted = [], 0, 0
    for part in left:
        counted += part
        reached = points * counted // whole
        shares.append(reached - before)
        before = reached
    return shares


class Restoring(Posting):
    def restore(
        self,
        spent: Entry,
        points: int | None = None,
        *,
        key: str,
        reason: str = "order_returned",
        note: str = "",
        actor: str = "",
        at: datetime | None = None,
    ) -> Entry:
        """`points`: all that is left of the spending, unless fewer. Raises MoreThanWasSpent.

        They come back where they were spent; when that card was merged, they follow it.
        """
        at = at or timezone.now()
        with transaction.atomic():
            source = type(self)._default_manager.get(pk=spent.account_id)  # type: ignore[attr-defined]
            root = source._root()
            lock_together(source, root, at=at)
            fields = {"reason": reason, "note": note, "actor": actor}
            entry = root._done(key, Entry.Kind.RESTORE) or source._restore(spent, points, key=key, at=at, **fields)
            if root.pk != source.pk:
                source.follow(at)
        self.refresh_from_db()
        return entry

    def _restore(self, spent: Entry, points: int | None, *, at: datetime, **fields: Any) -> Entry:
        left = left_to_restore(spent)
        whole = sum(part for _allocation, part in left)
        points = whole if points is None else points
        if not 0 < points <= whole:
            raise MoreThanWasSpent(points, whole)
        sequence = self._change(available=points)
        entry = self._write(sequence, Entry.Kind.RESTORE, points, at=at, order=spent.order, reverses=spent, **fields)
        shares = in_proportion(points, [part for _allocation, part in left])
        back = [(allocation, share) for (allocation, _left), share in zip(left, shares, strict=True) if share]
        self._repay(self._put_back(entry, back, at), at)
        self._tell(
            "points.adjusted",
            at=at,
            actor=fields["actor"],
            order=spent.order,
            points=points,
            reason=fields["reason"],
        )
        return entry

    def _put_back(self, entry: Entry, back: Sequence[tuple[Allocation, int]], at: datetime) -> list[Lot]:
        """Points of a lot that has expired meanwhile can be spent for another 30 days."""
        reopened = end_of(local_day(at) + REOPENED_FOR)
        lots = []
        for allocation, share in back:
            lot = Lot.objects.get(pk=allocation.lot_id)
            over = lot.expires_at is not None and lot.expires_at <= at
            Allocation.objects.create(
                entry=entry, lot=lot, points=-share, restores=allocation, reopens_until=reopened if over else None
            )
            lot.remaining += share
            lot.expires_at = reopened if over else lot.expires_at
            lot.save(update_fields=["remaining", "expires_at"])
            lots.append(lot)
        self._note_change(min((lot.expires_at for lot in lots if lot.expires_at), default=None))
        return lots

    def _note_change(self, soonest: datetime | None) -> None:
        mine: Any = type(self)._default_manager.filter(pk=self.pk)  # type: ignore[attr-defined]
        if soonest:
            mine.filter(next_change_at__gt=soonest).update(next_change_at=soonest)
