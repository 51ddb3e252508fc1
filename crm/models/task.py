from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from crm.models.event import Event


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> "TaskQuerySet":
        return self.filter(done_at=None)

    def due_by(self, day: Any) -> "TaskQuerySet":
        return self.open().filter(due_on__lte=day)


class Task(models.Model):
    """Something a member of staff must do by a date."""

    title = models.CharField(pgettext_lazy("task", "What"), max_length=200)
    due_on = models.DateField(pgettext_lazy("task", "Due"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks", verbose_name=pgettext_lazy("task", "Who")
    )
    customer = models.ForeignKey("crm.Customer", models.CASCADE, null=True, blank=True, related_name="tasks")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "due_on", "id"], name="task_open_by_owner", condition=models.Q(done_at=None)),
            models.Index(
                fields=["customer", "due_on", "id"], name="task_open_by_customer", condition=models.Q(done_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    @transaction.atomic
    def plan(cls, title: str, due_on: date, *, owner: Any, by: Any, customer: Any = None, actor: str = "") -> "Task":
        """`actor` when it is none of the staff, and `by` is nobody."""
        task = cls.objects.create(title=title, due_on=due_on, owner=owner, created_by=by, customer=customer)
        Event.record(
            "task.created",
            customer=customer,
            subject=task,
            actor=actor or by.actor,
            title=title,
            due_on=due_on.isoformat(),
        )
        return task

    @transaction.atomic
    def edit(self, *, actor: str, **values: Any) -> bool:
        """Other words, another day, another owner. False: nothing was different."""
        own = Task.objects.select_for_update().get(pk=self.pk)
        changes = {}
        for name, new in values.items():
            if getattr(own, name) != new:
                changes[name] = [_told(getattr(own, name)), _told(new)]
            setattr(own, name, new)
            setattr(self, name, new)
        if changes:
            own.save(update_fields=list(changes))
            Event.record(
                "task.edited", customer_id=own.customer_id, subject=own, actor=actor, title=own.title, changes=changes
            )
        return bool(changes)

    @property
    def days_late(self) -> int:
        return (timezone.localdate() - self.due_on).days

    @transaction.atomic
    def finish(self, *, actor: str) -> bool:
        """False: it was done before."""
        now = timezone.now()
        if not Task.objects.open().filter(pk=self.pk).update(done_at=now):
            return False
        self.done_at = now
        Event.record("task.done", customer_id=self.customer_id, subject=self, actor=actor, title=self.title)
        return True

    @transaction.atomic
    def reopen(self, *, actor: str) -> bool:
        """False: it was open."""
        if not Task.objects.filter(pk=self.pk, done_at__isnull=False).update(done_at=None):
            return False
        self.done_at = None
        Event.record("task.reopened", customer_id=self.customer_id, subject=self, actor=actor, title=self.title)
        return True


def _told(value: Any) -> str:
    """Days as 2026-11-21, staff as actors."""
    return value.isoformat() if isinstance(value, date) else getattr(value, "actor", str(value))
