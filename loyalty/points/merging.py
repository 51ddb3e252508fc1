"""Two cards become one, or two again: points move by pairs of entries, lot by lot, with their dates; debts add.

What a hold keeps stays behind until the hold ends, and follows then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from crm.models import Merge
from loyalty.models.entry import Allocation, Entry, Lot
from loyalty.points.bringing_up import bring_up
from loyalty.points.posting import Part, debts

_LEAVE = """
UPDATE loyalty_lot AS lot SET remaining = lot.remaining - part.points
  FROM unnest(%s::bigint[], %s::bigint[]) AS part (lot_id, points) WHERE lot.id = part.lot_id
"""

# Points may have gone on to a third card and come back since: each is followed back to how it came here by this merge.
_CAME = """
WITH RECURSIVE line (now, entry) AS (
    SELECT id, id FROM loyalty_entry WHERE account_id = %(held)s AND kind = 'merge_in' AND recorded_at >= %(since)s
  UNION
    SELECT line.now, coalesce(gone.reverses_id, lot.entry_id)
      FROM line
      JOIN loyalty_entry AS came ON came.id = line.entry AND came.kind = 'merge_in' AND came.recorded_at >= %(since)s
      JOIN loyalty_entry AS gone ON gone.id = came.reverses_id
      LEFT JOIN loyalty_allocation AS part ON part.entry_id = gone.id
      LEFT JOIN loyalty_lot AS lot ON lot.id = part.lot_id
)
SELECT DISTINCT line.now
  FROM line JOIN loyalty_entry AS came ON came.id = line.entry JOIN loyalty_entry AS gone ON gone.id = came.reverses_id
 WHERE came.kind = 'merge_in' AND came.recorded_at >= %(since)s
   AND came.account_id = %(held)s AND gone.account_id = %(own)s
"""


def merge(moving: Any, policy: Any) -> None:
    """In the transaction of the merge (config/policies.py names this)."""
    source = policy.rows_of(moving.goes).first()
    if source:
        target = policy.model.of(moving.stays)
        carry_all(source, target, reason="merged", actor=moving.actor, at=timezone.now())


def unmerge(merged: Merge, policy: Any, *, actor: str) -> None:
    """What is left of the points that came from the card, and what its orders brought since, goes back with it."""
    held = policy.rows_of(merged.stays_id).first()
    if held is None:
        return
    own = policy.model.of(merged.goes)
    at = timezone.now()
    lock_together(held, own, at=at)
    came = Entry.objects.filter(pk__in=_came_by(merged, held, own))
    lots = Lot.objects.free().filter(account=held)
    back = lots.filter(entry__in=came) | lots.filter(order__customer=merged.goes_id)
    theirs = Entry.objects.filter(account=held, order__customer=merged.goes_id) | came
    owed = dict(debts(held.pk))
    of_them = theirs.filter(pk__in=owed).order_by("sequence").values_list("pk", flat=True)
    parts = [(entry, owed[entry]) for entry in of_them]
    Carrying(held, own, reason="unmerged", actor=actor, at=at).carry(list(back.order_by("pk").distinct()), parts)


def _came_by(merged: Merge, held: Any, own: Any) -> list[int]:
    """The entries by which points of the one account lie in the other, because of this merge."""
    with connection.cursor() as cursor:
        cursor.execute(_CAME, {"held": held.pk, "own": own.pk, "since": merged.at})
        return [entry for (entry,) in cursor.fetchall()]


def lock_together(*accounts: Any, at: datetime) -> None:
    """In the order of their numbers, as everywhere."""
    ids = sorted({account.pk for account in accounts})
    list(type(accounts[0])._default_manager.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    bring_up(ids, at)
    for account in accounts:
        account.refresh_from_db()


@transaction.atomic
def carry_all(source: Any, target: Any, *, reason: str, at: datetime, actor: str = "") -> None:
    lock_together(source, target, at=at)
    lots = list(Lot.objects.free().filter(account=source).order_by("pk"))
    Carrying(source, target, reason=reason, actor=actor, at=at).carry(lots, debts(source.pk) if source.debt else [])


class Carrying:
    """From one account to another; both are locked and up to `at`."""

    def __init__(self, source: Any, target: Any, *, reason: str, actor: str, at: datetime) -> None:
        self.source, self.target = source, target
        self.common = {"effective_at": at, "recorded_at": at, "reason": reason, "actor": actor}
        self.at, self.reason, self.actor = at, reason, actor

    def carry(self, lots: Sequence[Lot], owed: Sequence[Part]) -> None:
        if not lots and not owed:
            return
        free = [lot.remaining - lot.held for lot in lots]
        outs, ins = self._write([*(-points for points in free), *(missing for _entry, missing in owed)], lots, owed)
        self._move_lots(lots, free, outs, ins)
        self._add(self.source, -1, lots, free, owed)
        self._add(self.target, 1, lots, free, owed)
        net = sum(free) - sum(missing for _entry, missing in owed)
        for account, sign in ((self.source, -1), (self.target, 1)):
            if net:
                account._tell("points.adjusted", at=self.at, actor=self.actor, points=sign * net, reason=self.reason)
            account.refresh_from_db()

    def _write(
        self, points: Sequence[int], lots: Sequence[Lot], owed: Sequence[Part]
    ) -> tuple[list[Entry], list[Entry]]:
        """The entry that leaves, and the one that arrives and names it. A debt that leaves is forgiven where it was."""
        orders = [*(lot.order_id for lot in lots), *(None for _debt in owed)]
        forgiven = [*(None for _lot in lots), *(entry for entry, _missing in owed)]
        common: Any = self.common
        outs = Entry.objects.bulk_create(
            Entry(
                account=self.source,
                sequence=self.source.last_sequence + number,
                kind=Entry.Kind.MERGE_OUT,
                points=moved,
                order_id=order,
                reverses_id=debt,
                **common,
            )
            for number, (moved, order, debt) in enumerate(zip(points, orders, forgiven, strict=True), start=1)
        )
        ins = Entry.objects.bulk_create(
            Entry(
                account=self.target,
                sequence=self.target.last_sequence + number,
                kind=Entry.Kind.MERGE_IN,
                points=-out.points,
                order_id=out.order_id,
                reverses=out,
                **common,
            )
            for number, out in enumerate(outs, start=1)
        )
        return outs, ins

    def _move_lots(self, lots: Sequence[Lot], free: Sequence[int], outs: list[Entry], ins: list[Entry]) -> None:
        Lot.objects.bulk_create(
            Lot(
                account=self.target,
                entry=entry,
                order_id=lot.order_id,
                granted=points,
                remaining=points,
                available_at=lot.available_at,
                expires_at=lot.expires_at,
            )
            for lot, points, entry in zip(lots, free, ins, strict=False)
        )
        Allocation.objects.bulk_create(
            Allocation(entry=entry, lot=lot, points=points)
            for lot, points, entry in zip(lots, free, outs, strict=False)
        )
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE, [[lot.pk for lot in lots], list(free)])

    def _add(self, account: Any, sign: int, lots: Sequence[Lot], free: Sequence[int], owed: Sequence[Part]) -> None:
        pending = sum(part for lot, part in zip(lots, free, strict=True) if lot.available_at > account.as_of)
        moments = [moment for lot in lots for moment in (lot.available_at, lot.expires_at) if moment]
        soonest = min((moment for moment in moments if moment > account.as_of), default=account.next_change_at)
        type(account)._default_manager.filter(pk=account.pk).update(
            available=F("available") + sign * (sum(free) - pending),
            pending=F("pending") + sign * pending,
            debt=F("debt") + sign * sum(missing for _entry, missing in owed),
            last_sequence=F("last_sequence") + len(lots) + len(owed),
            next_change_at=min(soonest, account.next_change_at),
        )
