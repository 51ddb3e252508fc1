"""What Today says: the greeting, what is late and due."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.card.panels import lateness, sentence
from crm.models import Mention, Task
from crm.panels import NextStep, Panel
from crm.tasks_due import due_today
from shop.at_once import once
from shop.prepared import prepared

SHOWN = 12


def greeting(name: str, now: datetime) -> str:
    first = name.split()[0] if name.split() else name
    if now.hour < 5 or now.hour >= 18:
        return _("Good evening, %(name)s") % {"name": first}
    if now.hour < 12:
        return _("Good morning, %(name)s") % {"name": first}
    return _("Good afternoon, %(name)s") % {"name": first}


@once
def tasks_of(request: HttpRequest) -> Any:
    return due_today(request.user)


def due_tasks(request: HttpRequest) -> list[Task]:
    """Late and due today, mine before those of others."""
    mine_first = sorted(tasks_of(request), key=lambda task: (task.owner_id != request.user.pk, task.due_on, task.pk))
    return mine_first[:SHOWN]


def lead(tasks: list[Task]) -> str:
    """One sentence: how much of it is late, how much due."""
    late = sum(task.days_late > 0 for task in tasks)
    due = len(tasks) - late
    if late and due:
        first = ngettext("%(n)s task is late", "%(n)s tasks are late", late) % {"n": late}
        return _("%(late)s, and %(due)s more for today.") % {"late": first, "due": due}
    if late:
        return ngettext("%(n)s task is late.", "%(n)s tasks are late.", late) % {"n": late}
    if due:
        return ngettext("%(n)s task for today.", "%(n)s tasks for today.", due) % {"n": due}
    return _("Nothing is late.")


def late_task(request: HttpRequest) -> NextStep | None:
    mine = [task for task in due_tasks(request) if task.owner_id == request.user.pk and task.days_late > 0]
    if not mine:
        return None
    task = mine[0]
    url = task.customer.get_absolute_url() if task.customer else ""
    why = f"{task.customer}. {lateness(task.days_late)}" if task.customer else lateness(task.days_late)
    return NextStep(text=sentence(task.title), why=why, weight=100, action_url=url, action_label=_("Open the card"))


@once
def unseen_of(request: HttpRequest) -> Any:
    return _unseen_of(request.user)


@prepared
def _unseen_of(user: Any) -> Any:
    unseen = Mention.objects.unseen_by(user).select_related("note__customer", "note__by")
    return unseen.defer("note__imprint").order_by("pk")[:SHOWN]


def mentions(request: HttpRequest) -> Panel | None:
    """Conversations in which a colleague names me, until I say that I have read them."""
    rows = list(unseen_of(request))
    return Panel("crm/today/_mentions.html", {"rows": rows}, zone="main", order=5) if rows else None
