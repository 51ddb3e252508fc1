"""Takes a change of very many back, some thousand rows at a time, each part in a transaction of its own.

How far it is stands in the change set and is written with each part: a crash costs one part, and whoever takes it up
again goes on behind the last one. Until the end the change set counts as not taken back.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from crm.models import ChangeSet
from crm.undo.tables import Table
from crm.undo.taking_back import AlreadyTakenBack, Outcome, noted_tables, outcome_of, put_right

PART = 5_000
BACK = "back"  # where in the data of the change set it stands how far it is

Part = tuple[int, int]
Say = Callable[[int, int], None]
Tell = Callable[[Part], None]


def can_be_parted(change_set: ChangeSet) -> bool:
    """Many rows, and none made beside others that were made: those may belong together, and go or stay together."""
    if BACK in change_set.data:
        return True
    rows = change_set.rows.order_by()
    if rows.values("pk")[: PART + 1].count() <= PART:
        return False
    return rows.filter(before__isnull=True).values("model").distinct().count() <= 1


def take_back_in_parts(change_set: ChangeSet, *, tell: Tell, say: Say | None = None) -> None:
    """Raises AlreadyTakenBack. `tell` writes the events of a part. To be followed by the end, with `finish`."""
    tables, columns = noted_tables(change_set), dict[str, list[str]]()
    total = change_set.rows.count()
    while (done := _next_part(change_set, tables, columns, tell)) is not None:
        if say:
            say(done, total)


@transaction.atomic
def _next_part(change_set: ChangeSet, tables: list[Table], columns: dict[str, list[str]], tell: Tell) -> int | None:
    """How many rows are done now, or None: no more to do. Of two workers one waits and then sees how far it is."""
    locked = _locked(change_set)
    back = locked.data.get(BACK, {"done": 0, "after": {}})
    for table in tables:
        after = back["after"].get(table.label, 0)
        some = change_set.rows.filter(model=table.label, pk__gt=after).order_by("pk")[:PART]
        found = some.aggregate(upto=Max("pk"), n=Count("pk"))
        if found["n"]:
            part = (after, found["upto"])
            put_right(change_set, [table], part, columns)
            tell(part)
            back = {"done": back["done"] + found["n"], "after": {**back["after"], table.label: found["upto"]}}
            change_set.data = locked.data
            change_set.remember(**{BACK: back})
            return back["done"]
    return None


def finish(change_set: ChangeSet, *, by: Any) -> Outcome:
    """Call it inside a transaction. Raises AlreadyTakenBack."""
    change_set.data = _locked(change_set).data
    change_set.undone_at, change_set.undone_by = timezone.now(), by
    change_set.save(update_fields=["undone_at", "undone_by"])
    return outcome_of(change_set)


def _locked(change_set: ChangeSet) -> ChangeSet:
    locked = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
    if locked.undone_at:
        raise AlreadyTakenBack
    return locked
