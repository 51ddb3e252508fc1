"""Spending: one conditional UPDATE is lock and check at once. Only when it fails is the account looked at."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from loyalty.models.entry import Entry, Lot
from loyalty.points.errors import NotEnoughPoints
from loyalty.points.posting import Posting

_TAKE = """
UPDATE loyalty_account
   SET available = available - %(points)s, held = held + %(held)s, last_sequence = last_sequence + %(entries)s
 WHERE id = %(id)s AND available >= %(points)s AND next_change_at > %(at)s
RETURNING last_sequence, greatest(as_of, %(at)s)
"""


class Spending(Posting):
    def spendable(self, at: datetime | None = None) -> int:
        """What could be spent at a moment; reads only, and minds what has begun or ended since the last change."""
        at = at or timezone.now()
        self.refresh_from_db()
        lots = Lot.objects.filter(account_id=self.pk)
        return self.available if self.next_change_at > at else lots.available(at).free_points()

    next_change_at: datetime

    def spend(
        self,
        points: int,
        *,
        reason: str,
        key: str,
        order: Any = None,
        note: str = "",
        actor: str = "",
        snapshot: dict[str, Any] | None = None,
        at: datetime | None = None,
    ) -> Entry:
        """Raises NotEnoughPoints. The same key again is the same spending."""
        if points <= 0:
            raise ValueError("to spend takes at least one point")
        at = at or timezone.now()
        fields = {"order": order, "reason": reason, "note": note, "actor": actor, "snapshot": snapshot or {}}
        try:
            with transaction.atomic():
                return self._root()._spend(points, key=key, at=at, **fields)
        except IntegrityError:
            if done := self._root()._done(key, Entry.Kind.REDEEM, -points):  # somebody with the same key was faster
                return done
            raise

    def _spend(self, points: int, *, key: str, at: datetime, order: Any, **fields: Any) -> Entry:
        if done := self._done(key, Entry.Kind.REDEEM, -points):
            return done
        sequence, moment = self._take_or_refuse(points, at, entries=1)
        entry = self._write(sequence, Entry.Kind.REDEEM, -points, at=at, key=key, order=order, **fields)
        self._take(entry, self._free_lots(points, moment))
        self._tell("points.spent", at=at, actor=fields["actor"], order=order, points=points, reason=fields["reason"])
        return entry

    def _take_or_refuse(self, points: int, at: datetime, *, entries: int = 0, held: int = 0) -> tuple[int, datetime]:
        row = self._take_if_there(points, at, entries, held)
        if row is None:
            self._lock(at)
            row = self._take_if_there(points, at, entries, held)
        if row is None:
            self.refresh_from_db()
            raise NotEnoughPoints(points, self.available)
        return row

    def _take_if_there(self, points: int, at: datetime, entries: int, held: int) -> tuple[int, datetime] | None:
        values: dict[str, Any] = {"points": points, "held": held, "entries": entries, "id": self.pk, "at": at}
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, values)
            return cursor.fetchone()
