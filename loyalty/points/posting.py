"""What every verb of an account is made of: its turn, the change of its sums, an entry, what that takes from lots."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from crm.models import Customer, Event
from loyalty.models.entry import Allocation, Entry, Lot
from loyalty.points import writing
from loyalty.points.bringing_up import bring_up
from loyalty.points.errors import KeyUsedOtherwise
from shop.asking import ask_one

# Two cards that are one now have one past: `family` are the accounts of cards that went into this one.
_TURN = """
SELECT merged_into_id, ARRAY (SELECT account.id FROM loyalty_account AS account
                                JOIN crm_customer AS gone ON gone.id = account.customer_id
                               WHERE gone.merged_into_id = card.id)
  FROM crm_customer AS card WHERE id = %s FOR KEY SHARE OF card
"""

_DONE = "SELECT id FROM loyalty_entry WHERE account_id = ANY (%s) AND key = %s"

Part = tuple[int, int]  # a lot, so many points of it

_TAKE = """
WITH part AS (SELECT * FROM unnest(%(lots)s::bigint[], %(points)s::bigint[]) AS part (lot_id, points)),
     taken AS (UPDATE loyalty_lot AS lot SET remaining = lot.remaining - part.points
                 FROM part WHERE lot.id = part.lot_id)
INSERT INTO loyalty_allocation (entry_id, lot_id, points) SELECT %(entry)s, lot_id, points FROM part
"""


P = ParamSpec("P")
T = TypeVar("T")


def on_root(verb: Callable[P, T]) -> Callable[P, T]:
    """A verb in a transaction of its own, done where the points of a merged card are."""

    @wraps(verb)
    def run(self: Any, *args: Any, **options: Any) -> Any:
        with transaction.atomic():
            return verb(self._root(), *args, **options)

    return run  # type: ignore[return-value]


class Posting:
    pk: int
    customer: Any
    customer_id: int
    available: int
    pending: int
    held: int
    debt: int
    as_of: datetime
    entries: Any
    lots: Any
    holds: Any
    refresh_from_db: Any
    _family: Sequence[int] = ()
    _PICK = writing.PICK

    def _turn(self) -> int | None:
        """Customers are locked before accounts, everywhere. Returns the card that this one went into."""
        goes_to, self._family = ask_one(_TURN, [self.customer_id])
        return goes_to

    def _root(self) -> Any:
        """The account that counts: of a card that was merged, the one of the card it went into."""
        goes_to = self._turn()
        if goes_to is None:
            return self
        root = type(self).of(Customer.objects.get(pk=goes_to))  # type: ignore[attr-defined]
        root._turn()
        return root

    def _lock(self, at: datetime) -> None:
        """From here to the end of the transaction nobody else changes these points; they are up to now."""
        rows = type(self)._default_manager.select_for_update(no_key=True)  # type: ignore[attr-defined]
        rows.get(pk=self.pk)
        bring_up([self.pk], at)
        self.refresh_from_db()

    def _done(self, key: str, kind: str, points: int | None = None) -> Entry | None:
        """What was done with this key before, here or on a card that has gone into this one."""
        with connection.cursor() as cursor:
            cursor.execute(_DONE, [[self.pk, *self._family], key])
            row = cursor.fetchone()
        if row is None:
            return None
        entry = Entry.objects.get(pk=row[0])
        if entry.kind != kind or (points is not None and entry.points != points):
            raise KeyUsedOtherwise(key)
        return entry

    def _change(self, *, next_change_at: datetime | None = None, **by: int) -> int:
        """Adds to the sums of the locked row. Returns the number of the entry that says why."""
        sums = "".join(f"{name} = {name} + %s, " for name in by)
        statement = (
            f"UPDATE loyalty_account SET {sums} last_sequence = last_sequence + 1,"
            " next_change_at = least(next_change_at, %s) WHERE id = %s RETURNING last_sequence"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*by.values(), next_change_at, self.pk])
            return cursor.fetchone()[0]

    def _write(self, sequence: int, kind: str, points: int, *, at: datetime, **fields: Any) -> Entry:
        fields.setdefault("effective_at", at)
        return Entry.objects.create(
            account_id=self.pk, sequence=sequence, kind=kind, points=points, recorded_at=at, **fields
        )

    def _open_lot(self, entry: Entry, *, available_at: datetime, expires_at: datetime | None, order: Any) -> Lot:
        return Lot.objects.create(
            account_id=self.pk,
            entry=entry,
            order_id=order,
            granted=entry.points,
            remaining=entry.points,
            available_at=available_at,
            expires_at=expires_at,
        )

    def _free_lots(self, points: int, at: datetime) -> list[Part]:
        """The lots that so many points come from, in spending order; read in growing slices, not all of them."""
        open_lots = Lot.objects.free().available(at).filter(account_id=self.pk).in_spending_order()
        parts: list[Part] = []
        size = 8
        while points:
            slice_ = list(open_lots[len(parts) : len(parts) + size].values_list("pk", "remaining", "held"))
            if not slice_:
                raise LedgerIsWrong(self.pk)
            for lot, remaining, held in slice_:
                if points:
                    parts.append((lot, min(points, remaining - held)))
                    points -= parts[-1][1]
            size *= 8
        return parts

    def _from_lots(self, statement: str, points: int, values: dict[str, Any]) -> Any:
        """Writes what takes points from lots (see writing.py), looking at more lots while they hold too little."""
        statement = statement.replace("PICK", self._PICK.strip(), 1)
        for size in (8, 64, 512, 10**9):
            if row := ask_one(statement, {**values, "account": self.pk, "points": points, "slice": size}):
                return row
        raise LedgerIsWrong(self.pk)

    def _take(self, entry: Entry, parts: Sequence[Part]) -> None:
        if parts:
            lots, points = zip(*parts, strict=True)
            with connection.cursor() as cursor:
                cursor.execute(_TAKE, {"entry": entry.pk, "lots": list(lots), "points": list(points)})

    def _repay(self, lots: Iterable[Lot], at: datetime) -> int:
        """Points taken back after they had been spent are owed; what comes in pays them first."""
        self.refresh_from_db(fields=["debt", "as_of"])
        owed = iter(debts(self.pk) if self.debt else [])
        allocations: list[Allocation] = []
        entry, missing = next(owed, (0, 0))
        paid = {"available": 0, "pending": 0}
        for lot in lots:
            while lot.remaining > lot.held and missing:
                part = min(lot.remaining - lot.held, missing)
                allocations.append(Allocation(entry_id=entry, lot=lot, points=part))
                lot.remaining -= part
                paid["pending" if lot.available_at > self.as_of else "available"] += part
                missing -= part
                if not missing:
                    entry, missing = next(owed, (0, 0))
        if allocations:
            self._book_repaid(allocations, paid)
        return sum(paid.values())

    def _book_repaid(self, allocations: list[Allocation], paid: dict[str, int]) -> None:
        for lot in {allocation.lot.pk: allocation.lot for allocation in allocations}.values():
            Lot.objects.filter(pk=lot.pk).update(remaining=lot.remaining)
        Allocation.objects.bulk_create(allocations)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE loyalty_account SET available = available - %s, pending = pending - %s, debt = debt - %s"
                " WHERE id = %s",
                [paid["available"], paid["pending"], sum(paid.values()), self.pk],
            )

    def _tell(self, kind: str, *, at: datetime, actor: str, order: Any = None, **data: Any) -> None:
        Event.record(kind, customer_id=self.customer_id, order=order, at=at, actor=actor, **data)


class LedgerIsWrong(Exception):
    """The sums of an account promise more than its lots hold: `manage.py check_ledger` says where."""

    def __init__(self, account: int) -> None:
        super().__init__(f"account {account} promises more points than its lots hold")
        self.account = account


_DEBTS = """
SELECT entry.id, -entry.points
       - coalesce((SELECT sum(points) FROM loyalty_allocation WHERE entry_id = entry.id), 0)
       - coalesce((SELECT sum(points) FROM loyalty_entry AS forgiven WHERE forgiven.reverses_id = entry.id
                      AND forgiven.kind IN ('write_off', 'merge_out')), 0) AS missing
  FROM loyalty_entry AS entry
 WHERE entry.account_id = %s AND entry.points < 0 AND entry.kind IN ('reverse', 'adjust', 'merge_in')
 ORDER BY entry.sequence
"""


def debts(account: int) -> list[Part]:
    """The entries that took more than there was, and how much of each is still owed."""
    with connection.cursor() as cursor:
        cursor.execute(_DEBTS, [account])
        return [(entry, int(missing)) for entry, missing in cursor.fetchall() if missing > 0]
