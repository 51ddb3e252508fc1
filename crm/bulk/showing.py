"""A change of many in words: what it did, how it ended, and what stayed when it was taken back."""

from dataclasses import dataclass
from typing import Any

from crm.bulk.running import Bulk, CannotBeDone
from crm.models import Change, ChangeSet, Customer
from crm.undo.in_parts import BACK

MOST_KEPT = 200


@dataclass(frozen=True)
class Shown:
    """`state`: runs, done, stopped (by a cancel or an error), undone, half (taking it back was stopped on the way)."""

    change_set: ChangeSet
    label: Any
    icon: str
    sentence: str
    state: str
    can_undo: bool
    question: str

    @classmethod
    def of(cls, change_set: ChangeSet, user: Any) -> "Shown":
        bulk = Bulk(change_set)
        state = _state(bulk)
        try:
            action = bulk.action
        except CannotBeDone:
            return cls(change_set, change_set.data["action"], "circle", "", state, False, "")
        sentence = "" if state in ("runs", "stopped") else bulk.sentence
        may = state in ("done", "half") and change_set.can_be_undone and user.may(action.right) and bool(bulk.changed)
        return cls(change_set, action.label, action.icon, sentence, state, may, change_set.data["question"])

    @property
    def restored(self) -> int:
        return self.change_set.data.get("restored", 0)

    @property
    def kept(self) -> int:
        return self.change_set.data.get("kept", 0)

    @property
    def live(self) -> bool:
        return bool(self.change_set.job and self.change_set.job.is_live)


def _state(bulk: Bulk) -> str:
    change_set = bulk.change_set
    if change_set.undone_at:
        return "undone" if bulk.is_over else "stopped"
    if change_set.job and change_set.job.is_live:
        return "runs"
    if not bulk.is_over:
        return "stopped"
    return "half" if BACK in change_set.data else "done"


@dataclass(frozen=True)
class Kept:
    customer: Customer | None
    why: Any


def kept_rows(change_set: ChangeSet) -> list[Kept]:
    """The customers whose change stayed, and why."""
    rows = list(change_set.rows.kept().order_by("pk")[:MOST_KEPT])
    customers = Customer.objects.in_bulk({row.customer_id for row in rows if row.customer_id})
    return [Kept(customers.get(row.customer_id or 0), Change.Why(row.kept).label) for row in rows]
