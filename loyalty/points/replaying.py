"""Plays the entries of one account again and compares what comes out with what stands in its rows."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

BRINGS_A_LOT = {"earn", "bonus", "opening"}
EITHER_WAY = {"adjust", "merge_in"}  # with a lot when they add points
MAY_OWE = {"reverse", "adjust", "merge_in"}
FORGIVES = {"write_off", "merge_out"}
EARNED = {"earn", "bonus"}

Found = tuple[str, str, Any, Any]  # what, where, expected, found


class Rows(NamedTuple):
    entries: list[Any]  # account, id, sequence, kind, points, reverses
    lots: list[Any]  # account, id, entry, granted, remaining, held, has begun, is over, changes too soon
    allocations: list[Any]  # account, id, entry, lot, points, restores
    holds: list[Any]  # account, id, points, lot, points of the lot, past its time


class Replay:
    """A million entries pass through here: loops over rows do little, and words are made only for what is wrong."""

    def __init__(self, account: Any, rows: Rows) -> None:
        (_id, self.available, self.pending, self.held, self.debt, self.lifetime, self.last) = account
        self.rows = rows
        self.of_entry: dict[int, int] = {}
        self.of_lot: dict[int, int] = {}
        self.held_of_lot: dict[int, int] = {}
        self.forgiven: dict[int, int] = {}
        self.owed = 0

    def differences(self) -> Iterator[Found]:
        yield from self._allocations()
        yield from self._restored()
        yield from self._entries()
        yield from self._holds()
        yield from self._lots()
        yield from self._sums()

    def _allocations(self) -> Iterator[Found]:
        """In the order in which they were made: a lot never gave more than it had, nor got more than it gave."""
        granted = {lot[1]: lot[3] for lot in self.rows.lots}
        of_entry, of_lot = self.of_entry, self.of_lot
        for _account, number, entry, lot, points, _restores in self.rows.allocations:
            of_entry[entry] = of_entry.get(entry, 0) + points
            of_lot[lot] = taken = of_lot.get(lot, 0) + points
            if lot not in granted:
                yield "takes from a lot of another account", f"allocation {number}", "its own", f"lot {lot}"
            elif not 0 <= taken <= granted[lot]:
                yield "takes more than the lot had", f"allocation {number}, lot {lot}", granted[lot], taken

    def _restored(self) -> Iterator[Found]:
        restored: dict[int, int] = defaultdict(int)
        for _account, _number, _entry, _lot, points, restores in self.rows.allocations:
            if restores is not None:
                restored[restores] -= points
        if restored:
            taken = {row[1]: row[4] for row in self.rows.allocations if row[5] is None}
            for number, points in restored.items():
                if points > taken.get(number, 0):
                    yield "gives back more than was taken", f"allocation {number}", taken.get(number, 0), points

    def _entries(self) -> Iterator[Found]:
        for _account, _number, _sequence, kind, points, reverses in self.rows.entries:
            if kind in FORGIVES and points > 0:
                self.forgiven[reverses] = self.forgiven.get(reverses, 0) + points
        lot_of = {lot[2]: lot for lot in self.rows.lots}
        due = 0
        for _account, number, sequence, kind, points, _reverses in self.rows.entries:
            due += 1
            if sequence != due:
                yield "an entry is missing before it", f"entry {number}", due, sequence
                due = sequence
            lot = lot_of.get(number)
            if kind in BRINGS_A_LOT or (kind in EITHER_WAY and points > 0):
                if lot is None:
                    yield "its lot is missing", f"entry {number}", points, 0
                elif lot[3] != points:
                    yield "its lot was granted other points", f"entry {number}, lot {lot[1]}", points, lot[3]
                points = 0
            elif lot is not None:
                yield "it brings a lot and should not", f"entry {number}, lot {lot[1]}", 0, lot[3]
            yield from self._took(number, kind, 0 if kind in FORGIVES and points > 0 else points)
        if due != self.last:
            yield "the last entry is missing", "", self.last, due

    def _took(self, number: int, kind: str, points: int) -> Iterator[Found]:
        """What lots gave to an entry is what it says; only some may lack points, which are owed then."""
        taken, forgiven = self.of_entry.get(number, 0), self.forgiven.get(number, 0)
        missing = -points - taken - forgiven
        if missing < 0 or (missing and kind not in MAY_OWE):
            yield "it took other points from lots", f"entry {number}", -points - forgiven, taken
        self.owed += missing

    def _holds(self) -> Iterator[Found]:
        parts: dict[int, int] = defaultdict(int)
        for _account, number, _points, lot, part, _late in self.rows.holds:
            parts[number] += part or 0
            self.held_of_lot[lot] = self.held_of_lot.get(lot, 0) + (part or 0)
        for number, points, late in {row[1]: (row[1], row[2], row[5]) for row in self.rows.holds}.values():
            if parts[number] != points:
                yield "its lots hold other points", f"hold {number}", points, parts[number]
            if late:
                yield "it is open past its time", f"hold {number}", *late

    def _lots(self) -> Iterator[Found]:
        of_lot, held_of_lot = self.of_lot, self.held_of_lot
        for _account, number, _entry, granted, remaining, held, _begun, over, too_soon in self.rows.lots:
            left = granted - of_lot.get(number, 0)
            if left != remaining:
                yield "other points remain", f"lot {number}", left, remaining
            if held_of_lot.get(number, 0) != held:
                yield "other points are held", f"lot {number}", held_of_lot.get(number, 0), held
            if over:
                yield "it is over and was not emptied", f"lot {number}", held, remaining
            if too_soon:
                yield "it changes before the account expects it", f"lot {number}", *too_soon

    def _sums(self) -> Iterator[Found]:
        ripe = sum(lot[4] for lot in self.rows.lots if lot[6])
        pending = sum(lot[4] for lot in self.rows.lots) - ripe
        held = sum(self.held_of_lot.values())
        lifetime = sum(entry[4] for entry in self.rows.entries if entry[3] in EARNED)
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
