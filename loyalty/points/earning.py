"""Points come in: a lot of their own, with dates; what is owed is paid from it at once."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from loyalty.models.entry import Entry
from loyalty.points.posting import Posting, on_root


class Earning(Posting):
    @on_root
    def earn(
        self,
        points: int,
        *,
        reason: str,
        key: str,
        order: Any = None,
        available_at: datetime | None = None,
        expires_at: datetime | None = None,
        snapshot: dict[str, Any] | None = None,
        kind: str = Entry.Kind.EARN,
        note: str = "",
        actor: str = "",
        at: datetime | None = None,
    ) -> Entry:
        """`available_at`: none is at once. `expires_at`: none is never. The same key again is the same earning."""
        if points <= 0:
            raise ValueError("to earn takes at least one point")
        at = at or timezone.now()
        self._lock(at)
        if done := self._done(key, kind, points):
            return done
        fields: dict[str, Any] = {"reason": reason, "key": key, "note": note, "actor": actor, "order": order}
        dates: dict[str, Any] = {"available_at": available_at or at, "expires_at": expires_at}
        entry = self._bring_in(kind, points, at=at, snapshot=snapshot or {}, **dates, **fields)
        self._tell_earned(entry)
        self.refresh_from_db()
        return entry

    def _tell_earned(self, entry: Entry) -> None:
        """`until`: when the points can be spent, if that is later."""
        told: dict[str, Any] = {"at": entry.recorded_at, "actor": entry.actor, "order": entry.order}
        told |= {"points": entry.points, "reason": entry.reason}
        if entry.kind == Entry.Kind.OPENING:
            self._tell("points.adjusted", **told)
        else:
            begins = entry.lot.available_at
            self._tell("points.earned", until=begins.isoformat() if begins > self.as_of else "", **told)

    def _bring_in(
        self,
        kind: str,
        points: int,
        *,
        at: datetime,
        available_at: datetime,
        expires_at: datetime | None,
        order: Any = None,
        repays: bool = True,
        **fields: Any,
    ) -> Entry:
        """The account is locked and up to `at`."""
        later = available_at > self.as_of
        earned = points if kind in (Entry.Kind.EARN, Entry.Kind.BONUS) else 0
        changes = {"pending" if later else "available": points, "lifetime_earned": earned}
        soonest = min((moment for moment in (available_at, expires_at) if moment and moment > self.as_of), default=None)
        sequence = self._change(next_change_at=soonest, **changes)
        entry = self._write(sequence, kind, points, at=at, order=order, **fields)
        lot = self._open_lot(entry, available_at=available_at, expires_at=expires_at, order=order and order.pk)
        if repays:
            self._repay([lot], at)
        return entry
