from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Event

ENDED = ("dismissed", "expired")  # by us and not by the customer: the same silence raises no second flag


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> "FlagQuerySet":
        return self.filter(closed_at=None)

    def came_back(self, since: Any) -> "FlagQuerySet":
        """Closed by a purchase, the newest first."""
        bought = self.filter(closed_why=Flag.Why.PURCHASE, closed_at__gte=since)
        return bought.order_by("-closed_at", "-pk")

    def held_back(self) -> "FlagQuerySet":
        """Raised while too much changed at once, and nobody has released them."""
        return self.open().filter(announced=False)


class Flag(models.Model):
    """A customer's way from overdue to at risk to likely lost, until a purchase, the figures or somebody end it.

    Open, then contacted or given an offer; it came back, expired or was dismissed. `low_score`, `complained` and
    `smaller` are the reasons beside silence on the day it was raised: later they show who came back in spite of them.
    """

    class State(models.TextChoices):
        OVERDUE = "overdue", _("Overdue")
        AT_RISK = "at_risk", _("At risk")
        LIKELY_LOST = "likely_lost", _("Likely lost")

    class Stage(models.TextChoices):
        OPEN = "open", pgettext_lazy("flag", "Open")
        CONTACTED = "contacted", pgettext_lazy("flag", "Contacted")
        OFFERED = "offered", pgettext_lazy("flag", "Offer given")

    class Why(models.TextChoices):
        PURCHASE = "purchase", _("Bought again")
        FIGURES = "figures", _("The figures changed")
        LEFT_OUT = "left_out", _("Left out of the figures")
        DISMISSED = "dismissed", pgettext_lazy("flag", "Dismissed")
        EXPIRED = "expired", pgettext_lazy("flag", "Expired")

    class Dismissal(models.TextChoices):
        FALSE_ALARM = "false_alarm", _("No cause for worry")
        SEASONAL = "seasonal", _("Buys by the season")
        GONE = "gone", _("Moved away, closed down or died")
        UNWANTED = "unwanted", _("Does not want to hear from us")
        OTHER = "other", _("Something else")

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="flags")
    state = models.CharField(max_length=11, choices=State)
    raised_at = models.DateTimeField(default=timezone.now)
    state_since = models.DateField()
    last_on = models.DateField()
    silent_days = models.IntegerField()
    usual_days = models.IntegerField(null=True)
    at_stake = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    low_score = models.BooleanField(default=False)
    complained = models.BooleanField(default=False)
    smaller = models.BooleanField(default=False)
    announced = models.BooleanField(default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="flags", db_index=False
    )
    due_on = models.DateField(null=True)
    contacted_at = models.DateTimeField(null=True)
    offered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=9, choices=Why, blank=True)
    dismissal = models.CharField(max_length=11, choices=Dismissal, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], name="one_open_flag_per_customer", condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="a_closed_flag_says_why", condition=Q(closed_at__isnull=True) | ~Q(closed_why="")
            ),
            models.CheckConstraint(
                name="a_dismissed_flag_says_why", condition=~Q(closed_why="dismissed") | ~Q(dismissal="")
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-raised_at"], name="flag_newest_of_customer"),
            models.Index(fields=["-closed_at", "-id"], name="flag_came_back", condition=Q(closed_why="purchase")),
            models.Index(fields=["customer", "last_on"], name="flag_ended_by_us", condition=Q(closed_why__in=ENDED)),
            models.Index(
                fields=["owner", "customer"],
                name="flag_open_of_owner",
                condition=Q(closed_at__isnull=True, owner__isnull=False),
            ),
            models.Index(fields=["closed_at"], name="flag_ended_when", condition=Q(closed_why__in=ENDED)),
            models.Index(
                fields=["customer"],
                name="flag_seen_to",
                condition=Q(closed_at__isnull=True) & (Q(contacted_at__isnull=False) | Q(offered_at__isnull=False)),
            ),
            models.Index(fields=["id"], name="flag_held_back", condition=Q(announced=False, closed_at__isnull=True)),
        ]

    @property
    def stage(self) -> Any:
        if self.closed_at:
            return self.Why(self.closed_why)
        if self.offered_at:
            return self.Stage.OFFERED
        return self.Stage.CONTACTED if self.contacted_at else self.Stage.OPEN

    @property
    def tone(self) -> str:
        """Of its badge."""
        return {"offered": "brass", "contacted": "ours", "purchase": "good"}.get(str(self.stage.value), "line")

    @transaction.atomic
    def contact(self, *, actor: str) -> bool:
        """Once; of a flag that has ended nothing is said any more."""
        mine = Flag.objects.open().filter(pk=self.pk, contacted_at=None).update(contacted_at=timezone.now())
        if mine:
            Event.record("risk.contacted", customer_id=self.customer_id, actor=actor)
        return bool(mine)

    @transaction.atomic
    def dismiss(self, why: str, *, actor: str) -> bool:
        ended = {"closed_at": timezone.now(), "closed_why": self.Why.DISMISSED, "dismissal": why}
        mine = Flag.objects.open().filter(pk=self.pk).update(**ended)
        if mine:
            Event.record("risk.dismissed", customer_id=self.customer_id, actor=actor, reason=why)
        return bool(mine)

    def is_late(self, today: date) -> bool:
        return self.due_on is not None and self.due_on < today and not self.closed_at


def stage_of(prefix: str = "") -> Case:
    """As `stage` of an open one, in SQL."""
    return Case(
        When(**{f"{prefix}offered_at__isnull": False}, then=Value(Flag.Stage.OFFERED.value)),
        When(**{f"{prefix}contacted_at__isnull": False}, then=Value(Flag.Stage.CONTACTED.value)),
        default=Value(Flag.Stage.OPEN.value),
    )
