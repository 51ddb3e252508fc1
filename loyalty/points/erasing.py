"""A person is erased: entries stay, what was put aside is given back, and points that are open are forfeited."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.privacy.rules import empties
from loyalty.models.entry import Entry, Lot
from loyalty.points.posting import Posting


class Forfeiting(Posting):
    @transaction.atomic
    def forfeit(self, *, reason: str, key: str, at: datetime | None = None) -> Entry | None:
        """All points, also those that wait. None: there were none."""
        at = at or timezone.now()
        self._turn()
        self._lock(at)
        if done := self._done(key, Entry.Kind.EXPIRE):
            return done
        for hold in self.holds.open().order_by("pk"):
            hold._give_back("voided", at)
        self.refresh_from_db()
        points = self.available + self.pending
        if not points:
            return None
        lots = [(lot.pk, lot.remaining) for lot in Lot.objects.free().filter(account_id=self.pk).order_by("pk")]
        sequence = self._change(available=-self.available, pending=-self.pending)
        entry = self._write(sequence, Entry.Kind.EXPIRE, -points, at=at, reason=reason, key=key)
        self._take(entry, lots)
        self.refresh_from_db()
        return entry


@empties()
def accounts(rows: Any, erasing: Any) -> int:
    """What of the points is a person's own: notes go with the entries (config/policies.py), the sums stay true."""
    forfeited = [account.forfeit(reason="erased", key="erased") for account in rows.order_by("pk")]
    return sum(1 for entry in forfeited if entry)
