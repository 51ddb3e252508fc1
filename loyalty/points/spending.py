"""Spending: one conditional UPDATE is lock and check at once. Only when it fails is the account looked at."""

import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from loyalty.models.entry import Entry, Lot
from loyalty.points import telling, writing
from loyalty.points.errors import NotEnoughPoints
from loyalty.points.posting import Posting
from shop.asking import ask_one

_TAKE = """
UPDATE loyalty_account
   SET available = available - %(points)s, held = held + %(held)s, last_sequence = last_sequence + %(entries)s
 WHERE id = %(id)s AND available >= %(points)s AND next_change_at > %(at)s
RETURNING last_sequence, greatest(as_of, %(at)s)
"""


def as_written(*, order: Any, snapshot: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What the statements that spend are given for their entry and its event."""
    return {"order": order and order.pk, "snapshot": json.dumps(snapshot), "note": "", **telling.common(), **fields}


def told(row: tuple[int, int, int], *, at: datetime, **fields: Any) -> Entry:
    """The entry that such a statement wrote; what reacts to its event is called for."""
    pk, sequence, event = row
    telling.follow("points.spent", [event])
    return Entry.of_row(pk, sequence=sequence, kind=Entry.Kind.REDEEM, effective_at=at, recorded_at=at, **fields)


class Spending(Posting):
    def spendable(self, at: datetime | None = None) -> int:
        """What could be spent at a moment; reads only, and minds what has begun or ended since the last change."""
        self.refresh_from_db()
        return self.spendable_as_read(at or timezone.now())

    def spendable_as_read(self, at: datetime) -> int:
        """The same, for who has just read the account."""
        if self.next_change_at > at:
            return self.available
        return Lot.objects.filter(account_id=self.pk).available(at).free_points()

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

    def _spend(self, points: int, *, key: str, at: datetime, **fields: Any) -> Entry:
        return self._done(key, Entry.Kind.REDEEM, -points) or self._spend_anew(points, key=key, at=at, **fields)

    def pay(self, points: int, *, key: str, order: Any, actor: str, at: datetime) -> Entry:
        """For an order, in its transaction: nobody has used the key, and the customer is locked. Raises as `spend`."""
        fields = {"order": order, "reason": "order_paid", "note": "", "actor": actor, "snapshot": {}}
        return self._spend_anew(points, key=key, at=at, **fields)

    def _spend_anew(self, points: int, *, key: str, at: datetime, **fields: Any) -> Entry:
        sequence, moment = self._take_or_refuse(points, at, entries=1)
        values = {"sequence": sequence, "moment": moment, "customer": self.customer_id}
        values |= as_written(key=key, at=at, **fields)
        row = self._from_lots(writing.SPEND, points, values)
        return told(row, account_id=self.pk, points=-points, key=key, at=at, **fields)

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
        return ask_one(_TAKE, values)
