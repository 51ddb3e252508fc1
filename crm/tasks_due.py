"""Open tasks in the order in which they press."""

from typing import Any

from django.utils import timezone

from crm.models import Task

SHOWN = 100


def open_tasks(owner: Any = None, *, due: bool = False, limit: int = SHOWN) -> list[Task]:
    """The most pressing first; `due`: late ones and those of today only."""
    tasks = Task.objects.due_by(timezone.localdate()) if due else Task.objects.open()
    if owner:
        tasks = tasks.filter(owner=owner)
    return list(tasks.select_related("customer", "owner").order_by("due_on", "pk")[:limit])
