"""Takes away what a large import made, some thousand rows at a time, each part in a transaction of its own.

Only what goes anyway: what stays, what was changed, and the last word are left to the one transaction at the end. How
far it is stands in the change set; whoever takes it up again after a crash or a cancel goes on behind it.
"""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from crm.imports import staging
from crm.models import ChangeSet, Import
from crm.undo.taking_back import AlreadyTakenBack

PART = 20_000
BACK = "back"

Say = Callable[[int, int], None]
Step = tuple[type[models.Model], Callable[[Import, tuple[int, int]], int]]


def begun(brought: Import) -> bool:
    return bool(brought.changes and BACK in brought.changes.data)


def gone_before(brought: Import) -> int:
    """How many rows went with the parts."""
    return brought.changes.data[BACK]["gone"] if brought.changes and begun(brought) else 0


def take_away_in_parts(brought: Import, steps: tuple[Step, ...], say: Say | None = None) -> None:
    """Raises AlreadyTakenBack. Does nothing with few rows."""
    rows = [_made(model, brought).count() for model, _take in steps]
    if sum(rows) <= PART and not begun(brought):
        return
    done, total = 0, sum(rows)
    for model, take in steps:
        while n := _next_part(brought, model, take):
            done += n
            if say:
                say(done, max(done, total))


def _made(model: type[models.Model], brought: Import) -> Any:
    return model._default_manager.filter(brought_by=brought.pk)


@transaction.atomic
def _next_part(brought: Import, model: type[models.Model], take: Callable[[Import, tuple[int, int]], int]) -> int:
    """How many rows it looked at; none: no more of these."""
    staging.take_time()
    changes = ChangeSet.objects.select_for_update().get(pk=brought.changes_id)
    if changes.undone_at:
        raise AlreadyTakenBack
    brought.changes = changes
    back = changes.data.get(BACK, {"gone": 0, "after": {}})
    after = back["after"].get(model._meta.label, 0)
    ids = list(_made(model, brought).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PART])
    if ids:
        gone = take(brought, (after, ids[-1]))
        changes.remember(
            **{BACK: {"gone": back["gone"] + gone, "after": {**back["after"], model._meta.label: ids[-1]}}}
        )
    return len(ids)
