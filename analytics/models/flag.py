from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> "FlagQuerySet":
        return self.filter(closed_at=None)

    def came_back(self, since: datetime) -> "FlagQuerySet":
        """Closed by a purchase, the newest first."""
        bought = self.filter(closed_why=Flag.Why.PURCHASE, closed_at__gte=since)
        return bought.order_by("-closed_at", "-pk")


class Flag(models.Model):
    """A customer's way from overdue to at risk to likely lost, until a purchase or the figures end it."""

    class State(models.TextChoices):
        OVERDUE = "overdue", _("Overdue")
        AT_RISK = "at_risk", _("At risk")
        LIKELY_LOST = "likely_lost", _("Likely lost")

    class Why(models.TextChoices):
        PURCHASE = "purchase", _("Bought again")
        FIGURES = "figures", _("The figures changed")
        LEFT_OUT = "left_out", _("Left out of the figures")

    customer = models.ForeignKey("crm.Customer", models.PROTECT, related_name="flags")
    state = models.CharField(max_length=11, choices=State)
    raised_at = models.DateTimeField(default=timezone.now)
    state_since = models.DateField()
    last_on = models.DateField()
    silent_days = models.IntegerField()
    usual_days = models.IntegerField(null=True)
    at_stake = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    announced = models.BooleanField(default=True)
    closed_at = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=9, choices=Why, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], name="one_open_flag_per_customer", condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="a_closed_flag_says_why", condition=Q(closed_at__isnull=True) | ~Q(closed_why="")
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-raised_at"], name="flag_newest_of_customer"),
            models.Index(fields=["-closed_at", "-id"], name="flag_came_back", condition=Q(closed_why="purchase")),
        ]
