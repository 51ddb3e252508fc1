from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from crm.models import Event


class GoalQuerySet(models.QuerySet["Goal"]):
    def running(self) -> "GoalQuerySet":
        """Those that nobody ended, the nearest date first."""
        return self.filter(ended_at=None).order_by("due_on", "pk")


class Goal(models.Model):
    """A metric that shall come from one value to another by a day, of everybody or of one group.

    `metric` is a name of analytics/metrics/table.py, `group` a key of analytics/metrics/groups.py. A group is read with
    the rights of who set the goal. `standing`: what the last complete month said, as reports/goals.py noted it.
    """

    metric = models.CharField(max_length=32)
    group = models.CharField(max_length=80, blank=True)
    start_value = models.FloatField()
    target = models.FloatField()
    begins_on = models.DateField()
    due_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="goals")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    standing = models.JSONField(default=dict)

    objects = GoalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="goal_is_due_after_it_begins", condition=Q(due_on__gt=F("begins_on"))),
            models.CheckConstraint(name="goal_leads_somewhere", condition=~Q(target=F("start_value"))),
        ]

    @transaction.atomic
    def put(self, values: dict[str, Any], *, actor: str) -> None:
        """Set, or changed: then what was noted of it, and whether it was reached, is told anew."""
        kind = "goal.changed" if self.pk else "goal.set"
        for name, value in values.items():
            setattr(self, name, value)
        self.reached_at, self.standing = None, {}
        self.save()
        self._tell(kind, actor=actor)

    @transaction.atomic
    def end(self, ended: bool = True, *, actor: str = "") -> None:
        """Or taken up again."""
        self.ended_at = timezone.now() if ended else None
        self.save(update_fields=["ended_at"])
        self._tell("goal.ended" if ended else "goal.resumed", actor=actor)

    @transaction.atomic
    def stand(self, standing: dict[str, Any]) -> None:
        """What a month says; that it was reached is told once."""
        Goal.objects.filter(pk=self.pk).update(standing=standing)
        self.standing = standing
        now = timezone.now()
        waiting = Goal.objects.filter(pk=self.pk, reached_at=None, ended_at=None)
        if standing.get("state") == "met" and waiting.update(reached_at=now):
            self.reached_at = now
            self._tell("goal.reached")

    def _tell(self, kind: str, actor: str = "") -> None:
        words: dict[str, Any] = {"metric": self.metric, "target": self.target, "due_on": self.due_on.isoformat()}
        Event.record(kind, subject=self, actor=actor, **words)

    @property
    def upwards(self) -> bool:
        return self.target > self.start_value

    def expected(self, day: date) -> float:
        """On a straight way from the start value to the target."""
        gone = (day - self.begins_on).days / (self.due_on - self.begins_on).days
        return self.start_value + (self.target - self.start_value) * min(max(gone, 0.0), 1.0)

    def is_met_by(self, value: Any) -> bool:
        return bool(value >= self.target) if self.upwards else bool(value <= self.target)
