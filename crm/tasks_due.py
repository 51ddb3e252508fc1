"""Open tasks in the order in which they press."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from crm.models import Task
from shop.prepared import TODAY, prepared
from shop.typed import number_in

SHOWN = 100
PAGE = 25


@prepared
def due_today(_shop: Any) -> Any:
    """Late ones and those of today."""
    return Task.objects.due_by(TODAY).select_related("customer", "owner").order_by("due_on", "pk")[:SHOWN]


def page_of(owner: Any = None, *, late: bool = False, after: str = "") -> tuple[list[Task], str]:
    """One page, and the place where the next one begins."""
    tasks = Task.objects.open().select_related("customer", "owner").order_by("due_on", "pk")
    if owner:
        tasks = tasks.filter(owner=owner)
    if late:
        tasks = tasks.filter(due_on__lt=timezone.localdate())
    if place := _read(after):
        day, pk = place
        tasks = tasks.filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=pk))
    found = list(tasks[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{last.due_on.isoformat()}_{last.pk}" if last else ""


def _read(after: str) -> tuple[date, int] | None:
    """A place that cannot be read is the beginning."""
    day, _dash, told = after.partition("_")
    pk = number_in(told)
    try:
        return None if pk is None else (date.fromisoformat(day), pk)
    except ValueError:
        return None
