"""Staff give and take points. Who may how much is asked for elsewhere; here it is booked."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from loyalty.models.entry import Entry
from loyalty.points.earning import Earning
from loyalty.points.errors import NotEnoughPoints
from loyalty.points.posting import on_root


class Adjusting(Earning):
    @on_root
    def adjust(
        self,
        points: int,
        *,
        reason: str,
        actor: str,
        key: str,
        note: str = "",
        expires_at: datetime | None = None,
        snapshot: dict[str, Any] | None = None,
        at: datetime | None = None,
    ) -> Entry:
        """Fewer than none are taken away. Raises NotEnoughPoints: staff cannot make a debt."""
        if not points:
            raise ValueError("an adjustment of nothing")
        at = at or timezone.now()
        self._lock(at)
        if done := self._done(key, Entry.Kind.ADJUST, points):
            return done
        fields: dict[str, Any] = {
            "reason": reason,
            "note": note,
            "actor": actor,
            "key": key,
            "snapshot": snapshot or {},
        }
        if points > 0:
            entry = self._bring_in(Entry.Kind.ADJUST, points, at=at, available_at=at, expires_at=expires_at, **fields)
        else:
            if -points > self.available:
                raise NotEnoughPoints(-points, self.available)
            entry = self._write(self._change(available=points), Entry.Kind.ADJUST, points, at=at, **fields)
            self._take(entry, self._free_lots(-points, self.as_of))
        self._tell("points.adjusted", at=at, actor=actor, points=points, reason=reason)
        self.refresh_from_db()
        return entry
