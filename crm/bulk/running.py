"""Does a change of many some thousand customers at a time, each part in a transaction of its own, and takes it back.

A crash costs one part: the next try goes on after the last customer that was done. A cancel takes back what was done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.module_loading import import_string

from crm.actions import Action, all_actions
from crm.bulk.moves import Move
from crm.models import ChangeSet, Customer, Event
from crm.segments.selection import Selection
from crm.undo.in_parts import BACK, can_be_parted, finish, take_back_in_parts
from crm.undo.taking_back import Outcome, take_back

PART = 5000

Say = Callable[[int, int], None]


class CannotBeDone(Exception):
    """The action is not there any more, or whoever asked for it may no longer do it."""


@dataclass(frozen=True)
class Bulk:
    """A change set of many customers: what its data says, in names."""

    change_set: ChangeSet

    @classmethod
    def begin(cls, action: Action, selection: Selection, params: dict[str, Any], *, by: Any) -> "Bulk":
        data = {
            "action": action.name,
            "params": params,
            "selection": urlencode(selection.pairs),
            "question": selection.question.address() if selection.all else "",
        }
        return cls(ChangeSet.objects.create(kind=ChangeSet.Kind.BULK, by=by, data=data))

    @property
    def action(self) -> Action:
        name = self.change_set.data["action"]
        action = next((one for one in all_actions() if one.name == name and one.many), None)
        if action is None:
            raise CannotBeDone(name)
        return action

    @property
    def move(self) -> Move:
        return import_string(self.action.many)(self.change_set.data["params"])

    @property
    def actor(self) -> str:
        return self.change_set.by.actor if self.change_set.by else ""

    @property
    def changed(self) -> int:
        return self.change_set.data.get("changed", 0)

    @property
    def is_over(self) -> bool:
        return "ended" in self.change_set.data

    @property
    def sentence(self) -> str:
        return self.move.sentence(self.changed)

    def ids(self) -> list[int]:
        """Whom it is still about, in the order of their numbers; asked anew of what this person may see."""
        by = self.change_set.by
        if by is None or not by.may(self.action.right):
            raise CannotBeDone(self.action.name)
        Customer.objects.allowed(by, self.action.right)
        selection = Selection.read(QueryDict(self.change_set.data["selection"]), by)
        rest = selection.customers.filter(pk__gt=self.change_set.data.get("last", 0))
        return list(rest.order_by("pk").values_list("pk", flat=True))

    def run(self, say: Say | None = None) -> int:
        """How many cards are different now. Done before, it does nothing."""
        if self.is_over:
            return self.changed
        ids, done = self.ids(), self.change_set.data.get("done", 0)
        total = done + len(ids)
        for start in range(0, len(ids), PART):
            part = ids[start : start + PART]
            self._do(part)
            done += len(part)
            if say:
                say(done, total)
        self._end()
        return self.changed

    @transaction.atomic
    def _do(self, part: Sequence[int]) -> None:
        """The row of the change set is locked, so that of two workers one waits and then sees what is done."""
        locked = ChangeSet.objects.select_for_update().get(pk=self.change_set.pk)
        part = [pk for pk in part if pk > locked.data.get("last", 0)]
        self.change_set.data = locked.data
        if not part or locked.undone_at or BACK in locked.data:
            return
        changed = self.move.change(self.change_set, part, actor=self.actor)
        done = locked.data.get("done", 0) + len(part)
        self.change_set.remember(last=part[-1], done=done, changed=self.changed + changed)

    @transaction.atomic
    def _end(self) -> None:
        locked = ChangeSet.objects.select_for_update().get(pk=self.change_set.pk)
        self.change_set.data = locked.data
        if self.is_over or locked.undone_at or BACK in locked.data:
            return
        self.move.finish(self.change_set, actor=self.actor)
        self.change_set.remember(ended=True)
        self._record("customers.changed_in_bulk", count=self.changed, question=self.change_set.data["question"])

    def take_back(self, *, by: Any, say: Say | None = None) -> Outcome:
        """Raises AlreadyTakenBack. Of very many part by part; stopped on the way, it can be gone on with."""
        actor = by.actor if by else ""
        parted = can_be_parted(self.change_set)
        if parted:
            take_back_in_parts(
                self.change_set, tell=lambda part: self.move.tell_back(self.change_set, actor=actor, part=part), say=say
            )
        with transaction.atomic():
            if parted:
                outcome = finish(self.change_set, by=by)
            else:
                outcome = take_back(self.change_set, by=by)
                self.move.tell_back(self.change_set, actor=actor)
            self.change_set.remember(restored=outcome.restored, kept=outcome.kept)
            self._record("customers.change_undone", actor, count=outcome.restored, kept=outcome.kept)
        return outcome

    def _record(self, kind: str, actor: str | None = None, **data: Any) -> None:
        Event.record(
            kind,
            subject=self.change_set,
            actor=self.actor if actor is None else actor,
            action=self.action.name,
            changes=self.change_set.pk,
            **data,
        )
