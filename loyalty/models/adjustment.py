from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from loyalty.models.entry import Entry
from loyalty.points.errors import NotEnoughPoints
from loyalty.points.limits import limit_of

WAITS = timedelta(hours=72)


class CannotDecide(Exception):
    """`why`: own (nobody approves what they asked for), limit (it is above theirs too) or over."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def waiting(self, at: Any = None) -> "AdjustmentQuerySet":
        return self.filter(state=Adjustment.State.WAITING, asked_at__gt=(at or timezone.now()) - WAITS)


class Adjustment(models.Model):
    """Points that staff want to give or take. Above their limit somebody else must agree, within three days."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("adjustment of points", "waits for approval")
        DONE = "done", pgettext_lazy("adjustment of points", "done")
        REFUSED = "refused", pgettext_lazy("adjustment of points", "refused")

    account = models.ForeignKey("loyalty.Account", models.PROTECT, related_name="adjustments")
    points = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    note = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="adjustment")

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="adjustment_of_something", condition=~Q(points=0)),
            models.CheckConstraint(
                name="adjustment_is_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
            ),
        ]
        indexes = [models.Index(fields=["-asked_at"], name="adjustment_waiting", condition=Q(state="waiting"))]

    @classmethod
    @transaction.atomic
    def ask(cls, account: Any, points: int, *, reason: str, note: str, by: Any, key: str) -> "Adjustment":
        """Booked at once within the limit of who asks. Raises NotEnoughPoints. The same key is the same asking."""
        fields = {"account": account, "points": points, "reason": reason, "note": note, "asked_by": by}
        made, is_new = cls.objects.get_or_create(key=key, defaults=fields)
        if is_new and within(points, by):
            made._book()
        elif is_new and -points > (there := account.spendable()):
            raise NotEnoughPoints(-points, there)
        return made

    @transaction.atomic
    def approve(self, *, by: Any) -> None:
        """Raises CannotDecide and NotEnoughPoints."""
        mine = self._decide(by)
        if not within(mine.points, by):
            raise CannotDecide("limit")
        mine._book(decided_by=by, decided_at=timezone.now())

    @transaction.atomic
    def refuse(self, *, by: Any) -> None:
        mine = self._decide(by)
        mine.state, mine.decided_by, mine.decided_at = self.State.REFUSED, by, timezone.now()
        mine.save(update_fields=["state", "decided_by", "decided_at"])

    def within_limit_of(self, user: Any) -> bool:
        return within(self.points, user)

    def _decide(self, by: Any) -> "Adjustment":
        mine = Adjustment.objects.waiting().select_for_update().filter(pk=self.pk).first()
        if mine is None:
            raise CannotDecide("over")
        if mine.asked_by_id == by.pk:
            raise CannotDecide("own")
        return mine

    def _book(self, **decided: Any) -> None:
        self.entry = self.account.adjust(
            self.points,
            reason=self.reason,
            note=self.note,
            actor=self.asked_by.actor,
            key=f"adjustment:{self.pk}",
            snapshot={"approved_by": decided["decided_by"].actor} if decided else {},
        )
        self.state = self.State.DONE
        for name, value in decided.items():
            setattr(self, name, value)
        self.save(update_fields=["entry", "state", *decided])


def within(points: int, user: Any) -> bool:
    limit = limit_of(user)
    return limit is None or abs(points) <= limit
