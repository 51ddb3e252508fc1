"""Putting points aside while an order is paid, and ending that: spent, or given back."""

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from loyalty.models.entry import Entry
from loyalty.points import writing
from loyalty.points.errors import HoldIsOver, KeyUsedOtherwise
from loyalty.points.spending import Spending, as_written, told
from shop.asking import ask, ask_one

LIVES = timedelta(minutes=30)

_BEFORE = """
SELECT 1 FROM loyalty_hold WHERE account_id = ANY (%(accounts)s) AND key = %(key)s
UNION ALL
SELECT 1 FROM loyalty_hold
 WHERE account_id = ANY (%(accounts)s) AND reference = %(reference)s AND status IN ('open', 'committed')
"""

_LOCK = "SELECT id FROM loyalty_account WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"

_FREE = """
UPDATE loyalty_lot AS lot SET held = lot.held - part.points
  FROM loyalty_heldlot AS part WHERE part.hold_id = %s AND lot.id = part.lot_id
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
        if self._held_before(key, reference):
            if done := self._hold_by(key, reference):
                return done
            self._lock(at)
            before = self._holds().of_order(reference)
            if before and (before.points == points or before.status != before.Status.OPEN):
                return before
            if before:
                before._give_back("voided" if before.expires_at > at else "expired", at)
        return self.put_aside(points, reference=reference, key=key, at=at)

    def put_aside(self, points: int, *, reference: str, key: str, at: datetime) -> Any:
        """For an order, in its transaction: it has no other, and the customer is locked. Raises NotEnoughPoints."""
        _sequence, moment = self._take_or_refuse(points, at, held=points)
        fields = {"points": points, "reference": reference, "key": key, "expires_at": at + LIVES}
        values = {**fields, "moment": moment, "at": at, "until": at + LIVES}
        (pk,) = self._from_lots(writing.PUT_ASIDE, points, values)
        return self.holds.model.of_row(pk, account=self, opened_at=at, **fields)

    def _held_before(self, key: str, reference: str) -> bool:
        with connection.cursor() as cursor:
            accounts = [self.pk, *self._family]
            cursor.execute(_BEFORE, {"accounts": accounts, "key": key, "reference": reference})
            return cursor.fetchone() is not None

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
    ended_at: datetime | None
    entry: Any
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
        entry = self._spend(used, at, key=key, order=order, actor=actor, snapshot=snapshot or {})
        assert entry is not None  # nobody else can have ended it: the account is locked
        return entry

    def pay(self, points: int, *, key: str, order: Any, actor: str, at: datetime) -> Entry | None:
        """As `commit`, for an order in its transaction that has locked the customer whose points these are."""
        if not points:
            return self.commit(0, key=key, order=order, actor=actor, at=at)
        ask(_LOCK, [[self.account_id]])
        if entry := self._spend(points, at, key=key, order=order, actor=actor, snapshot={}):
            return entry
        self.refresh_from_db(fields=["status"])
        raise HoldIsOver(self.status)

    def _spend(self, used: int, at: datetime, **fields: Any) -> Entry | None:
        """None: it is not open any more."""
        account, fields["reason"] = self.account, "order_paid"
        values = {"hold": self.pk, "account": account.pk, "held": self.points, "points": used}
        row = ask_one(writing.PAY, values | as_written(at=at, **fields))
        if row is None:
            return None
        self.entry = told(row, account_id=account.pk, points=-used, at=at, **fields)
        self.status, self.ended_at = "committed", at
        if used < self.points:
            account.follow(at)
        return self.entry

    @transaction.atomic
    def void(self, status: str = "voided", *, at: datetime | None = None) -> bool:
        """Give the points back, at once; `status` may be "expired". False: it had ended before."""
        self._lock()
        if self.status != "open":
            return False
        self._give_back(status, at or timezone.now())
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
        ask(_LOCK, [[self.account_id, self.account._root().pk]])
        self.refresh_from_db(fields=["status", "expires_at", "extended_at", "ended_at", "entry"])

    def _give_back(self, status: str, at: datetime) -> None:
        self._release()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE loyalty_account SET available = available + %s, held = held - %s WHERE id = %s",
                [self.points, self.points, self.account_id],
            )
        self._end(status, at)
        self.account.follow(at)  # what has expired meanwhile goes now

    def _release(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_FREE, [self.pk])

    def _end(self, status: str, at: datetime) -> None:
        self.status, self.ended_at = status, at
        self._row().update(status=status, ended_at=at)
