"""Putting points aside while an order is paid, and ending that: spent, or given back."""

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from loyalty.models.entry import Entry
from loyalty.points.errors import HoldIsOver, KeyUsedOtherwise
from loyalty.points.spending import Spending

LIVES = timedelta(minutes=30)

_SET_ASIDE = """
WITH part AS (SELECT * FROM unnest(%(lots)s::bigint[], %(points)s::bigint[]) AS part (lot_id, points)),
     held AS (UPDATE loyalty_lot AS lot SET held = lot.held + part.points FROM part WHERE lot.id = part.lot_id)
INSERT INTO loyalty_heldlot (hold_id, lot_id, points) SELECT %(hold)s, lot_id, points FROM part
"""

_END = """
WITH part AS (SELECT * FROM unnest(%(lots)s::bigint[], %(points)s::bigint[], %(used)s::bigint[])
                       AS part (lot_id, points, used))
UPDATE loyalty_lot AS lot SET held = lot.held - part.points, remaining = lot.remaining - part.used
  FROM part WHERE lot.id = part.lot_id
"""


class Holding(Spending):
    def hold(self, points: int, *, reference: str, key: str, at: datetime | None = None) -> Any:
        """Raises NotEnoughPoints. An order has one: the same again, or anew for other points."""
        if points <= 0:
            raise ValueError("to hold takes at least one point")
        at = at or timezone.now()
        try:
            with transaction.atomic():
                return self._root()._hold(points, reference, key, at)
        except IntegrityError:
            root = self._root()
            if same := root._hold_by(key, reference) or root._holds().of_order(reference):
                return same
            raise

    def _hold(self, points: int, reference: str, key: str, at: datetime) -> Any:
        if done := self._hold_by(key, reference):
            return done
        if self._holds().of_order(reference):
            self._lock(at)
            before = self._holds().of_order(reference)
            if before and (before.points == points or before.status != before.Status.OPEN):
                return before
            if before:
                before._give_back("voided", at)
        _sequence, moment = self._take_or_refuse(points, at, held=points)
        hold = self.holds.create(points=points, reference=reference, key=key, opened_at=at, expires_at=at + LIVES)
        lots, parts = zip(*self._free_lots(points, moment), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_SET_ASIDE, {"hold": hold.pk, "lots": list(lots), "points": list(parts)})
        return hold

    def _holds(self) -> Any:
        """Also those of cards that went into this one."""
        return self.holds.model.objects.filter(account__in=[self.pk, *self._family])

    def _hold_by(self, key: str, reference: str) -> Any:
        hold = self._holds().filter(key=key).first()
        if hold and hold.reference != reference:
            raise KeyUsedOtherwise(key)
        return hold


class Ending:
    """The verbs of a hold. A hold whose time is over but whose points nobody has taken back yet can be committed."""

    pk: int
    account: Any
    account_id: int
    points: int
    status: str
    expires_at: datetime
    entry: Any
    held_lots: Any
    refresh_from_db: Any
    save: Any

    @transaction.atomic
    def commit(
        self,
        points: int | None = None,
        *,
        key: str,
        order: Any = None,
        actor: str = "",
        at: datetime | None = None,
        snapshot: dict[str, Any] | None = None,
    ) -> Entry | None:
        """Spend what was put aside, or less of it. Raises HoldIsOver. None: none of it was spent."""
        at = at or timezone.now()
        self._lock()
        if self.status == "committed":
            return self.entry
        if self.status == "voided" and points == 0:
            return None
        if self.status != "open":
            raise HoldIsOver(self.status)
        used = self.points if points is None else points
        if not 0 <= used <= self.points:
            raise ValueError(f"{self.points} points are held, not {used}")
        if not used:
            self._give_back("voided", at)
            return None
        return self._spend(used, at, key=key, order=order, actor=actor, snapshot=snapshot or {})

    def _spend(self, used: int, at: datetime, *, order: Any, **fields: Any) -> Entry:
        account, rest = self.account, self.points - used
        sequence = account._change(held=-self.points, available=rest)
        entry = account._write(sequence, Entry.Kind.REDEEM, -used, at=at, order=order, reason="order_paid", **fields)
        parts = self._release(used)
        entry.allocations.bulk_create(
            entry.allocations.model(entry=entry, lot_id=lot, points=part) for lot, part in parts if part
        )
        self._end("committed", at, entry)
        if rest:
            account.follow(at)
        account._tell("points.spent", at=at, actor=fields["actor"], order=order, points=used, reason="order_paid")
        return entry

    @transaction.atomic
    def void(self, *, at: datetime | None = None) -> bool:
        """Give the points back, at once. False: it had ended before."""
        self._lock()
        if self.status != "open":
            return False
        self._give_back("voided", at or timezone.now())
        return True

    def extend(self, *, at: datetime | None = None) -> bool:
        """Once, while a payment is under way. False: it was before, or it has ended."""
        at = at or timezone.now()
        mine = self._row().filter(status="open", extended_at=None, expires_at__gt=at)
        done = bool(mine.update(expires_at=at + LIVES, extended_at=at))
        self.refresh_from_db()
        return done

    def _row(self) -> Any:
        return apps.get_model("loyalty.Hold")._default_manager.filter(pk=self.pk)

    def _lock(self) -> None:
        """Accounts first, as everywhere; the sums are not brought up, so that a hold just over is still there."""
        ids = sorted({self.account_id, self.account._root().pk})
        accounts = type(self.account)._default_manager.select_for_update(no_key=True)
        list(accounts.filter(pk__in=ids).order_by("pk"))
        self.refresh_from_db()

    def _give_back(self, status: str, at: datetime) -> None:
        self._release(0)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE loyalty_account SET available = available + %s, held = held - %s WHERE id = %s",
                [self.points, self.points, self.account_id],
            )
        self._end(status, at, None)
        self.account.follow(at)  # what has expired meanwhile goes now

    def _release(self, used: int) -> list[tuple[int, int]]:
        """Frees the lots; `used` points of them, in the order they were taken, are gone. Returns those by lot."""
        parts = []
        for lot, points in self.held_lots.order_by("pk").values_list("lot_id", "points"):
            part = min(points, used)
            used -= part
            parts.append((lot, points, part))
        lots, points, gone = (list(column) for column in zip(*parts, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_END, {"lots": lots, "points": points, "used": gone})
        return list(zip(lots, gone, strict=True))

    def _end(self, status: str, at: datetime, entry: Entry | None) -> None:
        self.status = status
        self.entry = entry
        self._row().update(status=status, ended_at=at, entry=entry)
