"""Plays the entries of one account again and compares what comes out with what stands in its rows."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

BRINGS_A_LOT = {"earn", "bonus", "opening"}
EITHER_WAY = {"adjust", "merge_in"}  # with a lot when they add points
MAY_OWE = {"reverse", "adjust", "merge_in"}
FORGIVES = {"write_off", "merge_out"}

Found = tuple[str, str, Any, Any]  # what, where, expected, found


class Rows(NamedTuple):
    entries: list[Any]  # account, id, sequence, kind, points, reverses
    lots: list[Any]  # account, id, entry, granted, remaining, held, available_at, expires_at
    allocations: list[Any]  # account, id, entry, lot, points, restores
    holds: list[Any]  # account, id, points, expires_at, lot, points of the lot


class Replay:
    def __init__(self, account: Any, rows: Rows) -> None:
        (_id, self.available, self.pending, self.held, self.debt) = account[:5]
        self.lifetime, self.last, self.as_of, self.next_change_at = account[5:]
        self.rows = rows
        self.of_entry: dict[int, int] = defaultdict(int)
        self.of_lot: dict[int, int] = defaultdict(int)
        self.held_of_lot: dict[int, int] = defaultdict(int)
        self.restored: dict[int, int] = defaultdict(int)
        self.forgiven: dict[int, int] = defaultdict(int)
        self.owed = 0
        self.lot_of = {lot[2]: lot for lot in rows.lots}

    def differences(self) -> Iterator[Found]:
        yield from self._allocations()
        yield from self._entries()
        yield from self._holds()
        yield from self._lots()
        yield from self._sums()

    def _allocations(self) -> Iterator[Found]:
        lots = {lot[1] for lot in self.rows.lots}
        taken = {row[1]: row[4] for row in self.rows.allocations if row[5] is None}
        for _account, number, entry, lot, points, restores in self.rows.allocations:
            self.of_entry[entry] += points
            self.of_lot[lot] += points
            if lot not in lots:
                yield "takes from a lot of another account", f"allocation {number}", "its own", f"lot {lot}"
            if restores is not None:
                self.restored[restores] -= points
        for number, points in self.restored.items():
            if points > taken.get(number, 0):
                yield "gives back more than was taken", f"allocation {number}", taken.get(number, 0), points

    def _entries(self) -> Iterator[Found]:
        for _account, _number, _sequence, kind, points, reverses in self.rows.entries:
            if kind in FORGIVES and points > 0:
                self.forgiven[reverses] += points
        due = 0
        for _account, number, sequence, kind, points, _reverses in self.rows.entries:
            due += 1
            if sequence != due:
                yield "an entry is missing before it", f"entry {number}", due, sequence
                due = sequence
            yield from self._entry(number, kind, points)
        if due != self.last:
            yield "the last entry is missing", "", self.last, due

    def _entry(self, number: int, kind: str, points: int) -> Iterator[Found]:
        lot, taken = self.lot_of.get(number), self.of_entry[number]
        if kind in BRINGS_A_LOT or (kind in EITHER_WAY and points > 0):
            if lot is None:
                yield "its lot is missing", f"entry {number}", points, 0
            elif lot[3] != points:
                yield "its lot was granted other points", f"entry {number}, lot {lot[1]}", points, lot[3]
            points = 0
        elif lot is not None:
            yield "it brings a lot and should not", f"entry {number}, lot {lot[1]}", 0, lot[3]
        if kind in FORGIVES and points > 0:
            points = 0
        missing = -points - taken - self.forgiven[number]
        if missing < 0 or (missing and kind not in MAY_OWE):
            yield "it took other points from lots", f"entry {number}", -points - self.forgiven[number], taken
        self.owed += missing

    def _holds(self) -> Iterator[Found]:
        parts: dict[int, int] = defaultdict(int)
        for _account, number, _points, _expires_at, lot, part in self.rows.holds:
            parts[number] += part or 0
            self.held_of_lot[lot] += part or 0
        for number, points, expires_at in {row[1:4] for row in self.rows.holds}:
            if parts[number] != points:
                yield "its lots hold other points", f"hold {number}", points, parts[number]
            if expires_at <= self.as_of:
                yield "it is open past its time", f"hold {number}", expires_at.isoformat(), self.as_of.isoformat()

    def _lots(self) -> Iterator[Found]:
        for _account, number, _entry, granted, remaining, held, available_at, expires_at in self.rows.lots:
            left = granted - self.of_lot[number]
            if left != remaining:
                yield "other points remain", f"lot {number}", left, remaining
            if self.held_of_lot[number] != held:
                yield "other points are held", f"lot {number}", self.held_of_lot[number], held
            if remaining <= held:
                continue
            if expires_at and expires_at <= self.as_of:
                yield "it is over and was not emptied", f"lot {number}", held, remaining
            change = available_at if available_at > self.as_of else expires_at
            if change and change < self.next_change_at:
                found = self.next_change_at.isoformat()
                yield "it changes before the account expects it", f"lot {number}", change.isoformat(), found

    def _sums(self) -> Iterator[Found]:
        ripe = sum(lot[4] for lot in self.rows.lots if lot[6] <= self.as_of)
        pending = sum(lot[4] for lot in self.rows.lots) - ripe
        held = sum(self.held_of_lot.values())
        lifetime = sum(entry[4] for entry in self.rows.entries if entry[3] in ("earn", "bonus"))
        whole = sum(entry[4] for entry in self.rows.entries)
        for what, expected, found in (
            ("held", held, self.held),
            ("available + held", ripe, self.available + self.held),
            ("pending", pending, self.pending),
            ("debt", self.owed, self.debt),
            ("earned in all", lifetime, self.lifetime),
            ("sum of entries", whole, self.available + self.pending + self.held - self.debt),
        ):
            if expected != found:
                yield what, "", expected, found
